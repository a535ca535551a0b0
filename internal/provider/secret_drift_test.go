package provider

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wingspanhq/terraform-provider-wingspan/internal/wingspantest"
)

const foreignSecret = "fake-secret-set-by-somebody-else"

// editSecrets changes the secret of each hook behind Terraform's back, and nothing else: no API promises that updated_at moves with it.
func (r *rig) editSecrets(secret string) {
	for _, p := range r.Preferences() {
		p.SharedSecret = secret
		r.Put(p)
	}
}

// sent is the step's check that each hook was written to in just these ways since the last such check.
func (r *rig) sent(want map[string][]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if diff := cmp.Diff(want, r.writesByHook()); diff != "" {
			return errors.New("writes (-want +got):\n" + diff)
		}

		return nil
	}
}

// threeForms declares the hooks plain, wo and versioned.
func (r *rig) threeForms() string {
	return r.config(hookWith("plain", given{plain: fakeSecret}.lines()) +
		hookWith("wo", given{writeOnly: fakeSecret}.lines()) +
		hookWith("versioned", given{writeOnly: fakeSecret, version: 1}.lines()))
}

func TestADriftedSecretIsShownAndCorrectedWithoutItsValue(t *testing.T) {
	t.Parallel()
	r, v := newRig(t), &vault{}
	runWith(t, v.factories(r), []resource.TestStep{
		{
			Config: r.threeForms(),
			Check:  r.sent(map[string][]string{"plain": {create}, "wo": {create}, "versioned": {create}}),
		},
		{
			PreConfig: func() { r.editSecrets(foreignSecret) },
			Config:    r.threeForms(),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(hookAddress("plain"), plancheck.ResourceActionUpdate),
				before(hookAddress("plain"), "shared_secret", nil),
				plancheck.ExpectUnknownValue(hookAddress("plain"), tfjsonpath.New("updated_at")),
				plancheck.ExpectResourceAction(hookAddress("wo"), plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(hookAddress("wo"), tfjsonpath.New("updated_at")),
				plancheck.ExpectResourceAction(hookAddress("versioned"), plancheck.ResourceActionNoop),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(hookAddress("plain"), tfjsonpath.New("shared_secret"), knownvalue.StringExact(fakeSecret)),
			},
			Check: r.sent(map[string][]string{"plain": {patchSecret}, "wo": {patchSecret}}),
		},
		{
			// It is noticed as often as it happens, and the version mends what only it can.
			PreConfig: func() { r.editSecrets(foreignSecret + "-again") },
			Config:    strings.Replace(r.threeForms(), "_version = 1", "_version = 2", 1),
			Check:     r.sent(map[string][]string{"plain": {patchSecret}, "wo": {patchSecret}, "versioned": {patchSecret}}),
		},
	})
	if err := v.passedOn(foreignSecret); err != nil {
		t.Error(err)
	}
}

type planCheck func(*plancheck.CheckPlanResponse, plancheck.CheckPlanRequest)

func (f planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	f(resp, req)
}

// before checks what the plan shows as the value that an attribute has before it.
func before(address, attribute string, want any) plancheck.PlanCheck {
	return planCheck(func(resp *plancheck.CheckPlanResponse, req plancheck.CheckPlanRequest) {
		for _, rc := range req.Plan.ResourceChanges {
			if rc.Address != address {
				continue
			}
			object, _ := rc.Change.Before.(map[string]any)
			if got := object[attribute]; got != want {
				resp.Error = fmt.Errorf("%s.%s is %v before the plan, want %v", address, attribute, got, want)
			}

			return
		}
		resp.Error = fmt.Errorf("the plan has no %s", address)
	})
}

func TestASecretThatWasChangedOutsideIsNoDiffWhereTheAPIHidesSecrets(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	steps := []resource.TestStep{}
	for _, mode := range []wingspantest.SecretMode{wingspantest.Mask, wingspantest.Hash, wingspantest.Omit} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() { r.SetSecrets(mode) },
			// A new secret in each step, so that the provider learns the mode from a write.
			Config: strings.ReplaceAll(r.threeForms(), fakeSecret, fmt.Sprintf("%s-%d", fakeSecret, mode)),
			Check: func(*terraform.State) error {
				r.editSecrets(foreignSecret)

				return nil
			},
		})
	}
	r.run(steps...)
}

// readsThrough is a proxy before the rig's server that rewrites the secrets of reads only: an API that echoes what is written to it.
func (r *rig) readsThrough(rewrite func(string) any) string {
	target, err := url.Parse(r.URL())
	if err != nil {
		r.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) },
		ModifyResponse: func(resp *http.Response) error {
			if resp.Request.Method != http.MethodGet || resp.StatusCode != http.StatusOK {
				return nil
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			body = sharedSecretField.ReplaceAllFunc(body, func(field []byte) []byte {
				value, _ := json.Marshal(rewrite(string(sharedSecretField.FindSubmatch(field)[1])))

				return append([]byte(`"sharedSecret":`), value...)
			})
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			resp.Header.Set("Content-Length", strconv.Itoa(len(body)))

			return nil
		},
	}
	server := httptest.NewServer(proxy)
	r.t.Cleanup(server.Close)

	return server.URL
}

var sharedSecretField = regexp.MustCompile(`"sharedSecret":"([^"]*)"`)

func TestAnAPIThatEchoesSecretsToWritesOnlyIsNoDrift(t *testing.T) {
	t.Parallel()
	for name, rewrite := range map[string]func(string) any{
		"mask": func(string) any { return "********" },
		"null": func(string) any { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, v := newRig(t), &vault{}
			proxy := r.readsThrough(rewrite)
			step := func(secret, writes string) resource.TestStep {
				return resource.TestStep{
					Config: strings.ReplaceAll(strings.ReplaceAll(r.threeForms(), r.URL(), proxy), fakeSecret, secret),
					Check:  r.sent(map[string][]string{"plain": {writes}, "wo": {writes}}),
				}
			}
			created := step(fakeSecret, create)
			created.Check = nil
			rotated := step(otherSecret, patchSecret)
			rotated.PreConfig = r.ResetRequests
			runWith(t, v.factories(r), []resource.TestStep{created, rotated})
			if err := v.passedOn("********"); err != nil {
				t.Error(err)
			}
		})
	}
}

// What is read looks like a foreign secret, but only what a read has echoed can drift.
func TestAnAPIThatShowsReadersAnotherSecretCausesNoUpdate(t *testing.T) {
	t.Parallel()
	rewrites := map[string]func(string) any{
		"mask of letters": func(s string) any { return s[:4] + "xxxx" },
		"hash":            func(s string) any { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) },
	}
	for form, secret := range map[string]values{"plain": {"shared_secret": fakeSecret}, "write-only": {"shared_secret_wo": fakeSecret}} {
		for name, rewrite := range rewrites {
			t.Run(form+" "+name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				w := r.wire(values{"base_url": r.readsThrough(rewrite)})
				h, told := w.apply(held{}, secretValues(secret))
				told.want(t)
				for i, writes := range [][]string{{create}, {}, {}} {
					if h, told = w.read(h); told.failed() {
						t.Fatal(told.text())
					}
					if h, told = w.apply(h, secretValues(secret)); told.failed() {
						t.Fatal(told.text())
					}
					if err := r.writes(writes...)(nil); err != nil {
						t.Errorf("round %d: %v", i+1, err)
					}
				}
			})
		}
	}
}
