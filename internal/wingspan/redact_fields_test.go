package wingspan

import "testing"

func TestSecretsThatOnlyTheServerKnowsAreHiddenByTheirName(t *testing.T) {
	t.Parallel()

	const hidden = `"[redacted]"`
	for _, test := range []struct{ words, want string }{
		{`{"url":"u","sharedSecret":"fake","x":1}`, `{"url":"u","sharedSecret":` + hidden + `,"x":1}`},
		{`conflict: { "sharedSecret" : "fa\"k\\e" }`, `conflict: { "sharedSecret" : ` + hidden + ` }`},
		{`[{"sharedSecret":"a"},{"sharedSecret":"b"}]`, `[{"sharedSecret":` + hidden + `},{"sharedSecret":` + hidden + `}]`},
		{`{'shared_secret': 'fake "quoted"', 'x': 1}`, `{'shared_secret': ` + hidden + `, 'x': 1}`},
		{`SharedSecret="fake and cut o`, `SharedSecret=` + hidden},
		{`{"sharedSecret":null}`, `{"sharedSecret":null}`},
		{`sharedSecret must be a "string"`, `sharedSecret must be a "string"`},
	} {
		wantEqual(t, test.words, withoutSecretFields(test.words), test.want)
	}
}
