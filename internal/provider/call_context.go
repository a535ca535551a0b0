package provider

import (
	"context"
	"sync/atomic"
)

// callContext is the context of one call. It is canceled with the one of terraform-plugin-go, and has its values, but when the call ends
// it lets go of it: terraform-plugin-framework (1.19.0) keeps the context of each call until the provider stops, and would keep with
// it that one's loggers, 60 MiB in a plan of 1000 resources, which every garbage collection would visit.
type callContext struct {
	context.Context

	caller atomic.Pointer[context.Context]
}

// beginCall replaces the context by a callContext. The call ends with the returned function, and what outlives it logs nothing more.
func (s *server) beginCall(ctx *context.Context) (end func()) {
	caller := *ctx
	own, cancel := context.WithCancel(context.Background())
	stop := context.AfterFunc(caller, cancel)
	call := &callContext{Context: own}
	if s.provider.getenv("TF_LOG_SDK_FRAMEWORK") != "OFF" || s.provider.getenv("TF_LOG_PROVIDER_WINGSPAN") != "OFF" {
		// Without a log there is no use for the loggers, and the framework would copy their fields for each attribute.
		call.caller.Store(&caller)
	}
	*ctx = call

	return func() {
		stop()
		cancel()
		call.caller.Store(nil)
	}
}

func (c *callContext) Value(key any) any {
	if value := c.Context.Value(key); value != nil {
		return value
	}
	if caller := c.caller.Load(); caller != nil {
		return (*caller).Value(key)
	}

	return nil
}
