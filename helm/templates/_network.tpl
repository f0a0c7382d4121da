{{/* Rules of the NetworkPolicies: each a small piece that bot and worker put together. */}}

{{/* ports: of a rule. Takes a list of numbers. */}}
{{- define "aixops.tcpPorts" -}}
ports:
  {{- range . }}
  - protocol: TCP
    port: {{ int . }}
  {{- end }}
{{- end -}}

{{/* to: of a rule; without peers the rule names none, which means anywhere, on those ports. */}}
{{- define "aixops.to" -}}
{{- with . }}
to:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "aixops.egressDns" -}}
{{- $dns := .Values.networkPolicy.dns -}}
- ports:
    {{- range $dns.ports }}
    - protocol: UDP
      port: {{ int . }}
    - protocol: TCP
      port: {{ int . }}
    {{- end }}
  {{- include "aixops.to" $dns.to | nindent 2 }}
{{- end -}}

{{- define "aixops.egressRedis" -}}
{{- if .Values.redis.bundled.enabled -}}
- {{ include "aixops.tcpPorts" (list 6379) | nindent 2 | trim }}
  to:
    - podSelector:
        matchLabels:
          {{- include "aixops.selector" (dict "root" . "component" "redis") | nindent 10 }}
{{- else -}}
- {{ include "aixops.tcpPorts" .Values.networkPolicy.redis.ports | nindent 2 | trim }}
  {{- include "aixops.to" .Values.networkPolicy.redis.to | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Where spans go, where they are sent at all. */}}
{{- define "aixops.egressTracing" -}}
{{- with .Values.tracing.endpoint }}
{{- $port := regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default (ternary "443" "80" (hasPrefix "https:" .)) }}
- {{ include "aixops.tcpPorts" (list $port) | nindent 2 | trim }}
  {{- include "aixops.to" $.Values.networkPolicy.tracingTo | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The copy of the audit trail: workers send it. */}}
{{- define "aixops.egressSyslog" -}}
{{- $audit := (include "aixops.ownSettings" . | fromYaml).audit | default dict -}}
{{- with $audit.syslog }}
- ports:
    - protocol: {{ ternary "UDP" "TCP" (eq (.protocol | default "tls") "udp") }}
      port: {{ int .port }}
  {{- include "aixops.to" $.Values.networkPolicy.syslogTo | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "aixops.egressSlack" -}}
- {{ include "aixops.tcpPorts" .Values.networkPolicy.slack.ports | nindent 2 | trim }}
  {{- include "aixops.to" .Values.networkPolicy.slack.to | nindent 2 }}
{{- end -}}

{{- define "aixops.egressSsh" -}}
{{- range .Values.networkPolicy.ssh }}
- {{ include "aixops.tcpPorts" .ports | nindent 2 | trim }}
  to:
    {{- range .cidrs }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
{{- end }}
{{- end -}}

{{/* Whoever reads the metrics. Probes come from the node, which network plug-ins let through. */}}
{{- define "aixops.ingressHealth" -}}
{{- with .Values.networkPolicy.monitoringFrom }}
- {{ include "aixops.tcpPorts" (list $.Values.health.port) | nindent 2 | trim }}
  from:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{- define "aixops.ingressSlack" -}}
{{- if eq .Values.slack.mode "http" }}
- {{ include "aixops.tcpPorts" (list .Values.slack.port) | nindent 2 | trim }}
  {{- with .Values.networkPolicy.ingressFrom }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* A policy from rules that other templates print; a name whose template prints nothing adds none. Takes root, component, ingress, egress. */}}
{{- define "aixops.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "aixops.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "aixops.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- range $way := list "ingress" "egress" }}
  {{- $rules := list }}
  {{- range index $ $way }}{{ $rules = concat $rules (include . $.root | fromYamlArray) }}{{ end }}
  {{ $way }}:
    {{- toYaml $rules | nindent 4 }}
  {{- end }}
{{- end -}}
