package awsapi

import (
	"strconv"
	"time"
)

// A Timestamp is a time in an output, in milliseconds: a text in XML, and elsewhere
// seconds since 1970.
type Timestamp time.Time

// MarshalJSON writes the seconds.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, t.seconds(), 'f', 3, 64), nil
}

func (t Timestamp) seconds() float64 { return float64(time.Time(t).UnixMilli()) / 1000 }

// String is the time as XML has it.
func (t Timestamp) String() string { return time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z") }
