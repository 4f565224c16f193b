import { describe, expect, it } from '@jest/globals';
import { readGoTypes } from './go-types.js';
import { messageLines } from './message-lines.js';

const CORE = `
package v1
import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)
type RestartPolicy string
type ResourceList map[ResourceName]resource.Quantity
type Thing struct {
	metav1.TypeMeta \`json:",inline"\`
	// +optional
	metav1.ObjectMeta \`json:"metadata,omitempty" protobuf:"bytes,1,opt,name=metadata"\`
	Policy RestartPolicy \`json:"policy" protobuf:"bytes,2,opt,name=policy,casttype=RestartPolicy"\`
	Count *int32 \`json:"count,omitempty" protobuf:"varint,3,opt,name=count"\`
	Parts []Part \`json:"parts" protobuf:"bytes,4,rep,name=parts"\`
	Limits ResourceList \`json:"limits" protobuf:"bytes,5,rep,name=limits"\`
	Data map[string][]byte \`json:"data" protobuf:"bytes,6,rep,name=data"\`
	PartSource \`json:"" protobuf:"bytes,7,opt,name=partSource"\`
	Owner types.UID \`json:"owner" protobuf:"bytes,8,opt,name=owner"\`
}
type Part struct {
	Good bool \`json:"good" protobuf:"varint,1,opt,name=good"\`
}
type PartSource struct {
	At *metav1.Time \`json:"at" protobuf:"bytes,1,opt,name=at"\`
}
`;
const META = `
type ObjectMeta struct {
	Name string \`json:"name" protobuf:"bytes,1,opt,name=name"\`
}
type Time struct {
}
`;

describe('the table of messages', () => {
  const packages = new Map([
    ['core.v1', readGoTypes([CORE])],
    ['meta.v1', readGoTypes([META])],
  ]);
  const packageOf = (name: string): ReturnType<typeof readGoTypes> => {
    const found = packages.get(name);
    if (found === undefined) throw new Error(`no package ${name}`);
    return found;
  };

  it('has a line for each message that a kind can contain', () => {
    expect(messageLines(packageOf, ['core.v1.Thing'])).toEqual([
      'core.v1.Part 1:good=b',
      'core.v1.PartSource 1:at?meta.v1.Time',
      'core.v1.Thing 1:metadata=meta.v1.ObjectMeta 2:policy=s 3:count?i 4:parts*.Part 5:limits%resource.Quantity 6:data%y 7:^.PartSource 8:owner=s',
      'meta.v1.ObjectMeta 1:name=s',
    ]);
  });

  it('is not made from types that are not there', () => {
    expect(() => messageLines(packageOf, ['core.v1.Nothing'])).toThrow('no Go type for the message core.v1.Nothing');
  });
});
