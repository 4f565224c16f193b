{{- define "skyflow.name" -}}
{{- if contains "skyflow" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-skyflow" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "skyflow.selector" -}}
app.kubernetes.io/name: skyflow
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "skyflow.labels" -}}
{{ include "skyflow.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "skyflow.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "skyflow.secret" -}}
{{ .Values.existingSecret | default (include "skyflow.name" .) }}
{{- end }}

{{/* Fails when a Secret of the user's own is there and lacks what pods would wait for. */}}
{{- define "skyflow.checkedSecret" -}}
{{- $wanted := list "token" "sealing.keys" }}
{{- if .Values.nats.enabled }}{{ $wanted = concat $wanted (list "keeper-token" "tokens") }}{{ else }}{{ $wanted = append $wanted "nats-token" }}{{ end }}
{{- if and .Values.nats.enabled (gt (int .Values.nats.replicas) 1) }}{{ $wanted = append $wanted "nats-routes-password" }}{{ end }}
{{- if .Values.retention.keep }}{{ $wanted = append $wanted "backup.key" }}{{ end }}
{{- with lookup "v1" "Secret" .Release.Namespace .Values.existingSecret }}
{{- $data := .data | default dict }}
{{- $missing := list }}
{{- range $wanted }}{{ if not (index $data .) }}{{ $missing = append $missing . }}{{ end }}{{ end }}
{{- if $missing }}
{{- fail (printf "existingSecret %s: it has no %s; with these values it must have the keys %s (values.yaml says what is in them)" .metadata.name (join ", " $missing) (join ", " $wanted)) }}
{{- end }}
{{- if has "tokens" $wanted }}
{{- $line := printf "%s system:nats-keeper system:nats-keepers" (index $data "keeper-token" | b64dec | trim) }}
{{- if not (has $line (splitList "\n" (index $data "tokens" | b64dec))) }}
{{- fail (printf "existingSecret %s: its tokens must have the line \"<keeper-token> system:nats-keeper system:nats-keepers\" with its keeper-token: without it no agent is let in" .metadata.name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Names of the nodes of NATS: good in every namespace, and long enough for a certificate of *.… (Node takes none for a name of two parts). */}}
{{- define "skyflow.natsNodes" -}}
{{- $name := printf "%s-nats" (include "skyflow.name" .) }}
{{- $namespace := .Release.Namespace }}
{{- range $index := until (int .Values.nats.replicas) }}
- {{ $name }}-{{ $index }}.{{ $name }}-nodes.{{ $namespace }}.svc
{{- end }}
{{- end }}

{{/* Every node, so that a client finds another one. */}}
{{- define "skyflow.natsUrl" -}}
{{- if .Values.nats.enabled }}
{{- $scheme := ternary "tls" "nats" (ne .Values.nats.tlsSecret "") }}
{{- $urls := list }}
{{- range include "skyflow.natsNodes" . | fromYamlArray }}{{ $urls = append $urls (printf "%s://%s:4222" $scheme .) }}{{ end }}
{{- join "," $urls }}
{{- else }}{{ .Values.nats.url }}{{ end }}
{{- end }}

{{/* Secret with the keys at NATS, which a job makes. */}}
{{- define "skyflow.natsKeys" -}}
{{ include "skyflow.name" . }}-nats-keys
{{- end }}

{{- define "skyflow.api" -}}
{{ ternary "https" "http" (ne .Values.gateway.tlsSecret "") }}://{{ include "skyflow.name" . }}.{{ .Release.Namespace }}.svc:{{ .Values.gateway.service.port }}
{{- end }}

{{/* For the restricted profile of Pod Security Standards. */}}
{{- define "skyflow.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "skyflow.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Where pods may be, given root and component. */}}
{{- define "skyflow.placement" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "skyflow.selector" . | nindent 8 }}
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "skyflow.selector" . | nindent 8 }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The services that are the same by shape: folder of the program, component, values. */}}
{{- define "skyflow.services" -}}
- { component: api-gateway, values: gateway }
- { component: scheduler, values: scheduler }
- { component: mesh-controller, values: meshController }
- { component: provisioner, values: provisioner }
{{- end }}

{{/* The pod of a job that makes or replaces keys at NATS, given root and command. */}}
{{- define "skyflow.natsKeysPod" -}}
{{- $root := .root -}}
serviceAccountName: {{ include "skyflow.natsKeys" $root }}
automountServiceAccountToken: true
securityContext:
  {{- include "skyflow.podSecurity" $root | nindent 2 }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: nats-keeper
    image: {{ include "skyflow.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    command: [node, apps/nats-keeper/dist/main.js, {{ .command }}]
    env:
      - { name: SKYFLOW_NATS_KEYS_SECRET, value: {{ $root.Release.Namespace }}/{{ include "skyflow.natsKeys" $root }} }
      - { name: SKYFLOW_NATS_URL, value: {{ include "skyflow.natsUrl" $root | quote }} }
      {{- if $root.Values.nats.tlsSecret }}
      - { name: SKYFLOW_NATS_CA_FILE, value: /etc/skyflow-nats-ca/ca.crt }
      {{- end }}
    securityContext:
      {{- include "skyflow.containerSecurity" $root | nindent 6 }}
    resources:
      requests: { cpu: 10m, memory: 64Mi }
      limits: { memory: 256Mi }
    {{- if $root.Values.nats.tlsSecret }}
    volumeMounts:
      - { name: nats-ca, mountPath: /etc/skyflow-nats-ca, readOnly: true }
    {{- end }}
{{- with $root.Values.nats.tlsSecret }}
volumes:
  - { name: nats-ca, secret: { secretName: {{ . }}, items: [{ key: ca.crt, path: ca.crt }] } }
{{- end }}
{{- end }}

{{/* Where traces and metrics go. */}}
{{- define "skyflow.telemetry" -}}
{{- with .Values.telemetry.otlpEndpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- with .Values.telemetry.headersSecret }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: headers }
{{- end }}
{{- range $variable, $value := .Values.telemetry.env }}
- { name: {{ $variable }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}
