package cost

// Region is where the prices are from.
const Region = "us-east-1"

// Checked is when the table was last compared with what could be read.
const Checked = "2026-11-25"

// A Price is one of AWS's list prices: the first tier, without free tiers.
type Price struct {
	// Name says what is paid for, Unit in what.
	Name string `json:"name"`
	Unit string `json:"unit"`
	// USD is the price of Per units.
	USD float64 `json:"usd"`
	Per float64 `json:"per"`
	// Page is AWS's own, which is what counts.
	Page string `json:"page"`
	// Read is where the figure was read, as AWS's pages load theirs by script, and
	// Dated what that says of its age.
	Read  string `json:"read"`
	Dated string `json:"dated"`
}

// The price table.
var (
	lambdaRequest = Price{
		"Lambda requests", "requests", 0.20, million, "https://aws.amazon.com/lambda/pricing/",
		"https://cloudchipr.com/blog/aws-lambda-pricing", "2024",
	}
	lambdaCompute = Price{ // the first 7.5 billion
		"Lambda compute, arm64", "GB-seconds", 0.0000133334, 1, "https://aws.amazon.com/lambda/pricing/",
		"https://cloudchipr.com/blog/aws-lambda-pricing", "2024",
	}
	httpRequest = Price{ // the first 300 million
		"HTTP API requests", "requests", 1.00, million, "https://aws.amazon.com/api-gateway/pricing/",
		"https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html", "no date",
	}
	snsPublish = Price{
		"SNS publishes", "publishes", 0.50, million, "https://aws.amazon.com/sns/pricing/",
		"https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/", "2026-06-13",
	}
	sqsRequest = Price{ // the first 100 billion
		"SQS requests", "requests", 0.40, million, "https://aws.amazon.com/sqs/pricing/",
		"https://cloudburn.io/blog/amazon-sqs-pricing", "2026-03-14",
	}
	logsIngested = Price{
		"CloudWatch Logs, written", "GB", 0.50, 1, "https://aws.amazon.com/cloudwatch/pricing/",
		"https://c3x.dev/blog/cloudwatch-logs-cost-optimization", "2026-06",
	}
	logsStored = Price{
		"CloudWatch Logs, kept", "GB-months", 0.03, 1, "https://aws.amazon.com/cloudwatch/pricing/",
		"https://c3x.dev/blog/cloudwatch-logs-cost-optimization", "2026-06",
	}
	alarm = Price{
		"CloudWatch alarms", "alarms", 0.10, 1, "https://aws.amazon.com/cloudwatch/pricing/",
		"https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm", "no date",
	}
	dataOut = Price{ // the first 10 TB
		"data to the internet", "GB", 0.09, 1, "https://aws.amazon.com/ec2/pricing/on-demand/",
		"https://www.apigatewaycost.com/aws", "no date",
	}
)

const million = 1e6

// Prices lists the table.
func Prices() []Price {
	return []Price{
		lambdaRequest, lambdaCompute, httpRequest, snsPublish, sqsRequest, logsIngested, logsStored, alarm, dataOut,
	}
}
