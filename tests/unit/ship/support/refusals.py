"""AWS's refusals, as the functions log them."""

REFUSED = (
    "An error occurred (AccessDeniedException) when calling the PutParameter operation: User: "
    "arn:aws:sts::123456789012:assumed-role/the-role/session is not authorized to perform: ssm:PutParameter "
    "on resource: arn:aws:ssm:us-east-1:123456789012:parameter/p with an explicit deny in an identity-based policy"
)
LACKING = "The build's role the-role lacks the permission ssm:PutParameter"
