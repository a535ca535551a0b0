package drive

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// object turns what a provider answered into what is kept: a null state is nothing.
func object(typ tftypes.Type, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (Object, error) {
	if state == nil {
		return Object{}, nil
	}
	null, err := state.IsNull()
	if err != nil {
		return Object{}, fmt.Errorf("decode a state of %s: %w", typ, err)
	}
	if null {
		return Object{}, nil
	}

	return Object{state: state, private: private, identity: identity}, nil
}

func state(typ tftypes.Type, o Object) (*tfprotov6.DynamicValue, error) {
	if o.state != nil {
		return o.state, nil
	}

	return encode(typ, nil)
}

// values returns the object's attributes as tftypes.Value, nil for nothing.
func (p *Provider) values(typeName string, o Object) (Values, error) {
	if o.state == nil {
		return nil, nil
	}
	v, err := o.state.Unmarshal(p.schema[typeName].ValueType())
	if err != nil {
		return nil, fmt.Errorf("decode a state: %w", err)
	}
	var members map[string]tftypes.Value
	if err := v.As(&members); err != nil {
		return nil, fmt.Errorf("decode a state: %w", err)
	}
	values := make(Values, len(members))
	for name, member := range members {
		values[name] = member
	}

	return values, nil
}

func differ(typ tftypes.Type, a, b *tfprotov6.DynamicValue) (bool, error) {
	left, err := a.Unmarshal(typ)
	if err != nil {
		return false, fmt.Errorf("decode a prior state: %w", err)
	}
	right, err := b.Unmarshal(typ)
	if err != nil {
		return false, fmt.Errorf("decode a planned state: %w", err)
	}

	return !left.Equal(right), nil
}

func encode(typ tftypes.Type, values Values) (*tfprotov6.DynamicValue, error) {
	whole := tftypes.NewValue(typ, nil)
	if values != nil {
		attributes, ok := typ.(tftypes.Object)
		if !ok {
			return nil, fmt.Errorf("%s is not the type of an object", typ)
		}
		members := make(map[string]tftypes.Value, len(attributes.AttributeTypes))
		for name, t := range attributes.AttributeTypes {
			member, err := value(t, values[name])
			if err != nil {
				return nil, fmt.Errorf("encode %s: %w", name, err)
			}
			members[name] = member
		}
		whole = tftypes.NewValue(typ, members)
	}
	encoded, err := tfprotov6.NewDynamicValue(typ, whole)

	return &encoded, err
}

func value(typ tftypes.Type, v any) (tftypes.Value, error) {
	switch v := v.(type) {
	case tftypes.Value:
		return v, nil
	case []string:
		elements := make([]tftypes.Value, len(v))
		for i, e := range v {
			elements[i] = tftypes.NewValue(tftypes.String, e)
		}

		return tftypes.NewValue(typ, elements), nil
	default:
		if err := tftypes.ValidateValue(typ, v); err != nil {
			return tftypes.Value{}, err
		}

		return tftypes.NewValue(typ, v), nil
	}
}
