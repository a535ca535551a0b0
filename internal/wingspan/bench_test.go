package wingspan

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func BenchmarkCanonicalURL(b *testing.B) {
	for name, raw := range map[string]string{"canonical": hookURL, "not": "HTTPS://Hooks.Example.com:443"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				CanonicalURL(raw)
			}
		})
	}
}

func BenchmarkSameURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if !SameURL("HTTPS://Hooks.Example.com:443/wingspan", hookURL) {
			b.Fatal("not the same")
		}
	}
}

// listOf is an account's list of n preferences as the API writes it.
func listOf(n int) string {
	entries := make([]string, n)
	for i := range entries {
		entries[i] = documentedJSON(fmt.Sprintf("id%d", i))
	}

	return "[" + strings.Join(entries, ",") + "]"
}

func BenchmarkListOf1000(b *testing.B) {
	body := listOf(1000)
	c := newTestClient(b, Config{BaseURL: ProductionURL, Token: fakeToken})
	c.pace = newUnlimitedPace()
	s := &script{answer: func(*http.Request) step { return step{body: body} }}
	c.setTransport(s)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		list, err := c.ListPreferences(context.Background(), "")
		if err != nil || len(list) != 1000 {
			b.Fatal(len(list), err)
		}
		s.play()
	}
}

// concealing1000 hides as many secrets as a large configuration has.
func concealing1000() *redactor {
	r := &redactor{}
	for i := range 1000 {
		r.add(fmt.Sprintf("fake-secret-number-%04d/+==", i))
	}

	return r
}

func BenchmarkConceal1000(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		concealing1000()
	}
}

func BenchmarkRedactWith1000Secrets(b *testing.B) {
	r := concealing1000()
	messages := map[string]string{
		"nothing to hide": "there is no webhook preference \"id1\"",
		"one to hide":     "the secret fake-secret-number-0500/+== is too simple",
		"500 bytes":       strings.Repeat("x", 500),
	}
	for name, message := range messages {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.redact(message)
			}
		})
	}
}

func BenchmarkReadFromASharedListOf1000(b *testing.B) {
	c := newTestClient(b, Config{BaseURL: ProductionURL, Token: fakeToken})
	body := listOf(1000)
	s := &script{answer: func(r *http.Request) step {
		if id, one := strings.CutPrefix(r.URL.Path, collectionPath+"/"); one {
			return step{body: documentedJSON(id)}
		}

		return step{body: body}
	}}
	c.setTransport(s)
	store := NewWebhooks(c)
	warm(b, store)
	b.ReportAllocs()
	for b.Loop() {
		if store.fromList(context.Background(), "", "id500", Expectation{}) == nil {
			b.Fatal("not in the list")
		}
	}
	if got := s.attempts(); got != exactReads+1 {
		b.Fatalf("%d requests", got)
	}
}

func BenchmarkKnowledgeOfACreateAfter1000(b *testing.B) {
	var views createViews
	for i := range 1000 {
		p := documented()
		p.ID, p.URL = fmt.Sprintf("id%d", i), fmt.Sprintf("%s/%d", hookURL, i)
		views.put("", &p)
	}
	b.ReportAllocs()
	for b.Loop() {
		if known := views.knowledge(""); len(known.sameURL(hookURL+"/500")) != 1 {
			b.Fatal("not known")
		}
	}
}
