// Package conformance holds what is known about AWS as cases, and runs them
// against the engine. It has tests and nothing else.
//
// # Cases
//
// The files testdata/*.txt are the cases, one file for each subject. A case
// begins with a line that states a fact, with its source in brackets at the end:
//
//	== an empty body is refused [LS 2025-09-22]
//
// "LS" and a date is an answer recorded from AWS on that day, "M" the service's
// model or its documentation in the SDKs, "DG" a developer guide of AWS's, "T"
// what others have seen on AWS and written down, and "?" a fact that nobody has
// verified, where we chose what loses nothing.
//
// The steps of the case follow, one a line. A line that begins with white space
// goes on with the one before; a line that begins with # is a comment.
//
//	sqs ACTION VALUE         calls SQS with these parameters; sns likewise
//	> PATTERN                the call succeeded, and this is its answer
//	! STATUS CODE [NAME] [PATTERN]
//	                         the call was refused. CODE is the error's code in the
//	                         query protocol, NAME in SQS's JSON where it differs;
//	                         the pattern is for the message
//	took 20s                 the call lasted so long
//	later sqs ACTION VALUE   begins a call and goes on while it waits
//	arrives                  waits for the answer of that call, which > ! took judge
//	wait 30s                 lets time pass
//
// A call without a judgement must succeed. Some calls have a short form:
//
//	queue q VisibilityTimeout=5 dead=d:2
//	                         creates a queue with attributes, whose dead-letter
//	                         queue is d after 2 receives. $q becomes its URL and
//	                         $q_arn its ARN; a name like q.fifo makes a FIFO queue,
//	                         which is $q too
//	topic t FifoTopic=true   creates a topic; $t becomes its ARN
//	subscribe t q RawMessageDelivery=true
//	                         subscribes the queue; $q_sub becomes the subscription
//	send q "a" "b"           sends messages, one call for each body
//	receive q ["a","b"]      receives up to ten messages, which have these bodies
//	expect queue q visible=1 inflight=0 delayed=0
//	                         counts what is in a queue
//
// For Lambda there is one function. It runs behind an event source mapping:
//
//	function answers VALUE   what it answers from now on; {} at the beginning
//	function says "text"     an answer that is no JSON
//	function fails "type" "message"
//	                         it ends with an error
//	function takes 3s        how long it runs
//	map q batch=10 window=5s concurrency=2
//	                         has it run on the messages of a queue
//	unmap                    stops that
//	expect invoked [["a"],["b","c"]]
//	                         the bodies of each event so far
//	expect event PATTERN     the last event
//
// And facts about values:
//
//	differ $a $b             these are different
//	rise $a $b               these numbers rise
//	apart $a $b 5s           the second of these timestamps is so much later
//	only json                the case is about one protocol of SQS: json or query
//
// # Values
//
// A value is JSON. A string may be in backquotes, and have $name in it, or
// ${name}, which stands for a captured value ($$ is a dollar); $account and
// $region are known. Long values are written short:
//
//	"x" * 1048577                      a string, repeated
//	[{"Id":"e#","MessageBody":"m"} * 11] elements that differ in their number,
//	                                   which # stands for
//	json {"a":1}                       a string with this JSON in it
//
// # Patterns
//
// A pattern is a value that an answer is compared with. It says all: another key
// or element in the answer is a mismatch, unless the object or list ends in ...
// Besides there are:
//
//	"$name"                 anything, which has that name from now on; or the same
//	                        value again where it has that name already
//	"$_"                    anything
//	/regexp/                a string that the expression matches
//	json PATTERN            a string with JSON in it that matches
//	unordered [P, P]        a list with these elements in any order
//
// # Runs
//
// Every case runs in process, where the services' handler is called directly, in
// virtual time; then over HTTP with a server and a client, on a socket or, for
// the cases in which time passes, over connections in memory in virtual time; and
// a case with a call of SQS a third time with its requests translated to the query
// protocol and the answers back. SNS has no other protocol. With -v each of these
// tests tells how many cases passed.
//
// # Other judges
//
// Two tests need no cases. One does random operations on the engine and on moto,
// an emulator that others have made, and explains every difference or fails; the
// other has AWS's SDK for Go, its command line and boto3 make the same calls of
// every action and compares what they say. Both are skipped where these programs
// are not installed.
package conformance
