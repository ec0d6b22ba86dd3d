package cdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// key makes the key of the queues and topics. All else names it by its alias, so stacks
// need no reference to it, but it has to be there before them.
func (b *builder) key() {
	k := b.Deployment.Key
	if k == nil || !k.Create {
		return
	}
	scope := constructs.NewConstruct(b.Root, jsii.String("$key"))
	key := awskms.NewCfnKey(scope, jsii.String("Key"), &awskms.CfnKeyProps{
		Description:       jsii.String("Queues and topics of " + b.Deployment.Name),
		EnableKeyRotation: jsii.Bool(true),
		KeyPolicy: policy(
			map[string]any{
				"Sid": "Account", "Effect": "Allow", "Action": "kms:*", "Resource": "*",
				"Principal": map[string]any{"AWS": b.arns.Replace("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
			},
			// SNS sends to queues, and CloudWatch to the topic of alarms.
			map[string]any{
				"Sid": "Deliveries", "Effect": "Allow", "Action": []string{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": "*",
				"Principal": map[string]any{"Service": []string{"cloudwatch.amazonaws.com", "sns.amazonaws.com"}},
				"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
			},
		),
	})
	b.keep(key) // without it nobody reads what is kept
	awskms.NewCfnAlias(scope, jsii.String("Alias"), &awskms.CfnAliasProps{
		AliasName: jsii.String(k.Alias), TargetKeyId: key.AttrArn(),
	})
	b.keyScope = scope
}

// afterKey has scope made after the key. apart says that it is a stack of its own.
func (b *builder) afterKey(scope constructs.Construct, apart bool) {
	switch {
	case b.keyScope == nil:
	case apart:
		awscdk.Stack_Of(scope).AddStackDependency(b.Root, nil)
	default:
		scope.Node().AddDependency(b.keyScope)
	}
}

// keyID is what queues and topics are told of the key: nil where there is none, and SQS
// encrypts with its own.
func (b *builder) keyID() *string {
	if b.Deployment.Key == nil {
		return nil
	}
	return jsii.String(b.Deployment.Key.ID())
}

// ownEncryption says whether SQS encrypts with a key of its own.
func (b *builder) ownEncryption() *bool {
	if b.Deployment.Key != nil {
		return nil
	}
	return jsii.Bool(true)
}
