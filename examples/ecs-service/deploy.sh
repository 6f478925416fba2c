#!/usr/bin/env bash
# Deploys template.yaml for the service of a Source to ECR stack, into the account's default VPC: after its first upload was
# recorded, and again for each new image, unless auto-deploy.yaml does that.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "Usage: $0 <ServiceName> [<Parameter of template.yaml>=<value> ...]" >&2
  exit 2
fi
service=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../.venv/bin:$PATH # SAM CLI, as `make setup` installs it

if ! answer=$(aws ssm get-parameter --name "/$service/image-uri" 2>&1); then
  case $answer in
    *ParameterNotFound*) echo "Nothing is recorded in /$service/image-uri yet: upload a source first, and wait for it." >&2 ;;
    *) echo "$answer" >&2 ;;
  esac
  exit 1
fi

# For its first cluster, a new account's ECS would make this role and often be too quick to use it. Where it is there, AWS refuses.
aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com > /dev/null 2>&1 || true

# Later deployments keep what the first one was given.
network=()
if ! aws cloudformation describe-stacks --stack-name "$service-ecs" > /dev/null 2>&1; then
  vpc=$(aws ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId' --output text)
  if [ "$vpc" != None ]; then
    subnets=$(aws ec2 describe-subnets --filters "Name=vpc-id,Values=$vpc" Name=default-for-az,Values=true \
      --query "join(',', sort(Subnets[].SubnetId))" --output text)
    network=("VpcId=$vpc" "SubnetIds=$subnets")
  elif [[ " $*" != *" VpcId="* ]]; then
    echo "The account has no default VPC here: give VpcId=... and SubnetIds=..., with commas between the subnets." >&2
    exit 1
  fi
fi

# SAM CLI ends a value at its first space, unless it is quoted.
parameters=()
for parameter in "ServiceName=$service" "ImageUri=/$service/image-uri" ${network[@]+"${network[@]}"} "$@"; do
  value=${parameter#*=}
  value=${value//\\/\\\\}
  parameters+=("${parameter%%=*}=\"${value//\"/\\\"}\"")
done

sam deploy --template-file "$here/template.yaml" --stack-name "$service-ecs" --capabilities CAPABILITY_IAM \
  --no-confirm-changeset --no-fail-on-empty-changeset --no-progressbar \
  ${AWS_DEFAULT_REGION:+--region "$AWS_DEFAULT_REGION"} \
  --parameter-overrides "${parameters[@]}"
