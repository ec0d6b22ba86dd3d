package blueprint

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What templates are evaluated for where the assembly is for any account and region.
const (
	anyAccount = "000000000000"
	anyRegion  = "us-east-1"
)

// An assembly is what the CDK has written into a folder.
type assembly struct {
	dir    string
	roots  []artifact
	files  []file
	stored map[string]string // paths, by the versions' names in the Parameter Store
}

// An artifact is a stack that is not nested.
type artifact struct {
	name, template  string
	account, region string
	tags            map[string]string
}

// A file is an asset, and where it is uploaded.
type file struct{ path, bucket, key string }

type manifest struct {
	Artifacts map[string]struct {
		Type, Environment string
		Properties        struct {
			TemplateFile, StackName, File string
			Tags                          map[string]string

			RequiresBootstrapStackVersion     int
			BootstrapStackVersionSsmParameter string
		}
	}
}

type assets struct {
	Files map[string]struct {
		Source       struct{ Path string }
		Destinations map[string]struct{ BucketName, ObjectKey string }
	}
}

// openAssembly reads the manifests in dir.
func openAssembly(dir string) (*assembly, error) {
	var m manifest
	if err := readJSON(filepath.Join(dir, "manifest.json"), &m); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: there is no manifest.json, so nothing was synthesized into it. Run 'cdk synth', and name the folder that it writes", dir)
		}
		return nil, err
	}
	a := &assembly{dir: dir, stored: map[string]string{}}
	for _, id := range slices.Sorted(maps.Keys(m.Artifacts)) {
		p := m.Artifacts[id].Properties
		if p.BootstrapStackVersionSsmParameter != "" {
			a.stored[p.BootstrapStackVersionSsmParameter] = fmt.Sprint(p.RequiresBootstrapStackVersion)
		}
		switch m.Artifacts[id].Type {
		case "aws:cloudformation:stack":
			one := artifact{name: p.StackName, template: p.TemplateFile, tags: p.Tags, account: anyAccount, region: anyRegion}
			if one.name == "" {
				one.name = id
			}
			account, region, _ := strings.Cut(strings.TrimPrefix(m.Artifacts[id].Environment, "aws://"), "/")
			if account != "" && account != "unknown-account" {
				one.account = account
			}
			if region != "" && region != "unknown-region" {
				one.region = region
			}
			a.roots = append(a.roots, one)
		case "cdk:asset-manifest":
			var all assets
			if err := readJSON(filepath.Join(dir, p.File), &all); err != nil {
				return nil, err
			}
			for _, f := range all.Files {
				for _, d := range f.Destinations {
					a.files = append(a.files, file{filepath.Join(dir, f.Source.Path), d.BucketName, d.ObjectKey})
				}
			}
		case "cdk:cloud-assembly":
			return nil, fmt.Errorf("%s: %s is an assembly of its own, of a stage of the CDK's. Name the folder %s", dir, id, filepath.Join(dir, id))
		}
	}
	if len(a.roots) == 0 {
		return nil, fmt.Errorf("%s: its manifest.json has no stack", dir)
	}
	return a, nil
}

// asset returns the path of what is uploaded to the key in the bucket, for st.
func (a *assembly) asset(root artifact, bucket, key string) (string, bool) {
	names := strings.NewReplacer("${AWS::AccountId}", root.account, "${AWS::Region}", root.region, "${AWS::Partition}", "aws")
	for _, f := range a.files {
		if names.Replace(f.bucket) != bucket || names.Replace(f.key) != key {
			continue
		}
		if _, err := os.Stat(f.path); err == nil {
			return f.path, true
		}
	}
	return "", false
}

func readJSON(path string, v any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read what was synthesized: %w", err)
	}
	if err := json.Unmarshal(content, v); err != nil {
		return fmt.Errorf("read what was synthesized: %s: %w", path, err)
	}
	return nil
}
