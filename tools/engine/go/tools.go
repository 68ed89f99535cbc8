//go:build tools

// Package engine pins the published Pulumi CLI module, so that go.sum covers every module of its build.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
