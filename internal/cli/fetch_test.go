package cli

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/hc-install/releases"
)

// mirror serves the pinned Terraform in the layout of releases.hashicorp.com.
func mirror(t *testing.T, program string) string {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	name := "terraform"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	file, err := w.Create(name)
	if err == nil {
		_, err = file.Write([]byte(program))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	release := "/terraform/" + TerraformVersion + "/"
	filename := fmt.Sprintf("terraform_%s_%s_%s.zip", TerraformVersion, runtime.GOOS, runtime.GOARCH)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case release + "index.json":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"name": "terraform", "version": %q, "builds": [{"name": "terraform", "version": %q, "os": %q, "arch": %q, "filename": %q, "url": %q}]}`,
				TerraformVersion, TerraformVersion, runtime.GOOS, runtime.GOARCH, filename, "https://releases.hashicorp.com"+release+filename)
		case release + filename:
			w.Header().Set("Content-Type", "application/zip")
			_, _ = w.Write(archive.Bytes())
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)

	return server.URL
}

func TestFetchInstallsThePinnedTerraformOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url := mirror(t, "a program")
	// The second time there is nobody to ask.
	for _, server := range []string{url, "http://127.0.0.1:1"} {
		// The signature is the vendor's to make; that it is asked for is the next test.
		path, err := fetch(t.Context(), dir, &releases.ExactVersion{ApiBaseURL: server, SkipChecksumVerification: true})
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(dir, "terraform-"+TerraformVersion); filepath.Dir(path) != want {
			t.Errorf("got %s, want a file in %s", path, want)
		}
		content, err := os.ReadFile(path)
		if err != nil || string(content) != "a program" {
			t.Errorf("got %q, %v", content, err)
		}
	}
}

func TestFetchRefusesAnUnsignedTerraform(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := fetch(t.Context(), dir, &releases.ExactVersion{ApiBaseURL: mirror(t, "a program")})
	if err == nil || !strings.HasPrefix(err.Error(), "fetch Terraform "+TerraformVersion+": ") ||
		!strings.HasSuffix(err.Error(), "; install terraform or tofu so that it is on PATH, and try again") {
		t.Errorf("got %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("installed: %v, %v", left, err)
	}
}
