/** Templates as Go has them: the same text as the real kubectl prints, over the same object. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runKubectl } from '@skyflow/kubectl';
import { renderGoTemplate } from './evaluate.js';
import { parseGoTemplate } from './parse.js';
import { TemplateError } from './syntax.js';

/** What kubectl makes without a server. */
const CREATE = ['create', 'deployment', 'web', '--image=nginx', '--image=busybox', '--replicas=3', '--dry-run=client'];
let object: unknown;

beforeAll(async () => {
  const { stdout } = await runKubectl([...CREATE, '-o', 'json']);
  object = JSON.parse(stdout);
}, 30_000);

const ours = (template: string): string => renderGoTemplate(parseGoTemplate(template), object);

it.each([
  '{{.metadata.name}}',
  '{{.nope}} {{.nope.nope}} {{.metadata.nope}}',
  '{{.}}',
  '{{range .spec.template.spec.containers}}{{.name}}={{.image}};{{end}}',
  '{{range $i, $c := .spec.template.spec.containers}}{{if $i}}, {{end}}{{$i}}:{{$c.name}}{{end}}',
  '{{range $key, $value := .metadata}}{{$key}} {{end}}',
  '{{range .nope}}x{{else}}nothing{{end}}',
  '{{range .spec.template.spec.containers}}{{if eq .name "busybox"}}{{continue}}{{end}}{{.name}}{{break}}{{end}}',
  '{{range 3}}{{.}},{{end}}',
  '{{if and .metadata.labels (gt .spec.replicas 2)}}yes{{else}}no{{end}}',
  '{{if .nope}}a{{else if eq .kind "Deployment"}}b{{else}}c{{end}}',
  '{{with .metadata}}{{.name}} {{$.kind}}{{end}}{{with .nope}}a{{else}}b{{end}}',
  '{{with $x := .spec.replicas}}{{$x}}{{end}}',
  '{{$x := 1}}{{if true}}{{$x = 2}}{{$y := 3}}{{end}}{{$x}}',
  '{{index .spec.template.spec.containers 1}} {{index .metadata.labels "app"}} {{index .metadata "nope"}}',
  '{{(index .spec.template.spec.containers 0).name}}',
  '{{.spec.replicas | printf "%03d|%5d|%-5d|"}} {{printf "%s %q %v %t %x" .kind .kind .spec true "ab"}}',
  '{{printf "%5s|%-5s|%.2s|%%" "a" "b" "cde"}} {{printf "%v"}} {{printf "%d" "a"}}',
  '{{printf "%.2f %v %g %e" 1.5 1234567.5 0.00001 2.5}} {{print 0.25 1000000 123456.5}}',
  '{{print 1 2 "a" "b" 3}} {{println "a" 1}}{{len .metadata.labels}} {{len "häh"}} {{not .nope}}',
  '{{eq .kind "a" "Deployment"}} {{ne 1 2}} {{lt 1 2}} {{le "a" "b"}} {{ge 2 2}} {{or "" "x"}} {{and 1 0}}',
  '{{html "<a href=\'x\'>&</a>"}} {{js "it\'s <b> a=b"}} {{urlquery "a b&c!/"}} {{slice "abcdef" 1 3}}',
  '{{"YWJj" | base64decode}} {{exists . "spec" "replicas"}} {{exists . "spec" "nope"}}',
  'a {{- " b " -}} c {{/* nothing */}}d\n{{- /* trimmed */ -}}  e',
  '{{define "one"}}[{{.name}}]{{end}}{{range .spec.template.spec.containers}}{{template "one" .}}{{end}}',
  '{{block "two" .metadata}}{{.name}}{{end}}',
  '{{`raw "text"`}} {{"tab\\t\\"quoted\\""}} {{true}} {{\'a\'}}',
])('%s', async (template) => {
  const { code, stdout, stderr } = await runKubectl([...CREATE, '-o', `go-template=${template}`]);
  expect([code, stderr]).toEqual([0, '']);
  expect(ours(template)).toBe(stdout);
});

describe('what kubectl refuses is refused', () => {
  it.each([
    '{{',
    '{{if}}',
    '{{if .a}}',
    '{{end}}',
    '{{nope .}}',
    '{{len .nope}}',
    '{{index .spec.template.spec.containers 5}}',
    '{{.metadata.name.x}}',
    '{{range .metadata.name}}x{{end}}',
    '{{$nope}}',
    '{{template "nope"}}',
    '{{.kind 1}}',
    '{{break}}',
    '{{nil | not}}',
    '{{lt 1 "a"}}',
    '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}',
  ])('%s', async (template) => {
    expect((await runKubectl([...CREATE, '-o', `go-template=${template}`])).code).not.toBe(0);
    expect(() => ours(template)).toThrow(TemplateError);
  });
});
