#!/usr/bin/env bash
# Deploys auto-deploy.yaml for the service that deploy.sh deployed. From then on, the service follows the parameter.
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "Usage: $0 <ServiceName> <name of the Source to ECR stack, whose topic gets an alarm if nothing can be deployed>" >&2
  exit 2
fi
service=$1
stack=$2
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/../../.venv/bin:$PATH # `make setup` installs SAM CLI there

output() { # <stack> <name of one of its outputs>
  aws cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue" --output text
}
known=$(output "$stack" DeploymentParameterName)
if [ -z "$known" ] || [ "$known" = None ]; then # the AWS CLI prints None if the stack has no outputs
  echo "Update the stack $stack first: its RecordImage doesn't know auto-deploy's records yet." >&2
  exit 1
fi
topic=$(output "$stack" NewsTopicArn)
found=$(output "$service-ecs" AutoDeploy)
read -ra parameters <<< "$found"

sam deploy --template-file "$here/auto-deploy.yaml" --stack-name "$service-auto-deploy" --capabilities CAPABILITY_IAM \
  --resolve-s3 --no-confirm-changeset --no-fail-on-empty-changeset --no-progressbar \
  ${AWS_DEFAULT_REGION:+--region "$AWS_DEFAULT_REGION"} \
  --parameter-overrides "${parameters[@]}" "NewsTopicArn=$topic"
