package main

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// handshake is Terraform's with its providers.
var handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

const protocol = 6

// connection is a plugin whose client is the bare connection. terraform-plugin-go has no client.
type connection struct {
	plugin.NetRPCUnsupportedPlugin
}

func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// raw passes messages on as they are on the wire.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil } // only startOnce calls it

func (raw) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...) // only startOnce calls it

	return nil
}

// startToSchema starts the provider as Terraform does, n times, and measures each until its schema is there.
func startToSchema(ctx context.Context, executable string, n int) ([]time.Duration, error) {
	times := make([]time.Duration, 0, n)
	for range n {
		t, err := startOnce(ctx, executable)
		if err != nil {
			return nil, fmt.Errorf("start the provider: %w", err)
		}
		times = append(times, t)
	}

	return times, nil
}

func startOnce(ctx context.Context, executable string) (time.Duration, error) {
	start := time.Now()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]plugin.PluginSet{protocol: {"provider": connection{}}},
		Cmd:              exec.CommandContext(ctx, executable),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()

	rpc, err := client.Client()
	if err != nil {
		return 0, err
	}
	dispensed, err := rpc.Dispense("provider")
	if err != nil {
		return 0, err
	}
	conn, ok := dispensed.(*grpc.ClientConn)
	if !ok {
		return 0, fmt.Errorf("got %T in place of a connection", dispensed)
	}
	var request, schema []byte
	if err := conn.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", &request, &schema, grpc.ForceCodec(raw{})); err != nil {
		return 0, err
	}
	if len(schema) == 0 {
		return 0, fmt.Errorf("the schema is empty")
	}

	return time.Since(start), nil
}
