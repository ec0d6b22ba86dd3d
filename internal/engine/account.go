package engine

import (
	"context"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/ecr"
	"github.com/less-go/less/internal/iamapi"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/ssm"
	"github.com/less-go/less/internal/sts"
)

// account is what an account has apart from what runs in it: roles and who has assumed
// them, parameters, and the repositories of the CDK's bootstrap.
type account struct {
	iam *iamapi.Service
	sts *sts.Service
	ssm *ssm.Service
	ecr *ecr.Service
}

func openAccount(ctx context.Context, store *queue.Store) (*account, error) {
	a := &account{}
	var err error
	if a.iam, err = iamapi.Open(ctx, store); err != nil {
		return nil, err
	}
	if a.sts, err = sts.Open(ctx, store, a.iam); err != nil {
		return nil, err
	}
	if a.ssm, err = ssm.Open(ctx, store); err != nil {
		return nil, err
	}
	if a.ecr, err = ecr.Open(ctx, store); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *account) apis() []*awsapi.Service {
	return []*awsapi.Service{a.iam.API(), a.sts.API(), a.ssm.API(), a.ecr.API()}
}
