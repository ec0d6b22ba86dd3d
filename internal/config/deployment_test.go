package config_test

import (
	"testing"

	"github.com/less-go/less/internal/config"
)

func TestADeploymentHasANameAndAStage(t *testing.T) {
	tests := []struct{ given, stage, deployment, name, want string }{
		{"nothing", "", "", "food-dev", "dev"},
		{"a stage", "prod", "", "food-prod", "prod"},
		{"the name that the stage would make", "dev", "food-dev", "food-dev", "dev"},
		{"a name of its own", "dev", "food-blue", "food-blue", ""},
		{"a name that ends in prod", "dev", "food-prod", "food-prod", "prod"},
		{"prod itself", "dev", "production", "production", "production"},
		{"a name that ends in nearly prod", "dev", "food-preprod", "food-preprod", ""},
		{"a name of its own for a stage that lasts", "prod", "food-blue", "food-blue", "prod"},
	}
	for _, tt := range tests {
		t.Run(tt.given, func(t *testing.T) {
			context := map[string]any{}
			for key, value := range map[string]string{"stage": tt.stage, "deployment": tt.deployment} {
				if value != "" {
					context[key] = value
				}
			}
			c, err := config.Config{}.Override(func(key string) any { return context[key] })
			if err != nil {
				t.Fatal(err)
			}
			if name, stage := c.Identity("food"); name != tt.name || stage != tt.want {
				t.Errorf("name %q, stage %q, want %q, %q", name, stage, tt.name, tt.want)
			}
		})
	}
	if name, _ := (config.Config{Name: "shop"}).Identity("food"); name != "shop-dev" {
		t.Errorf("name %q", name)
	}
}
