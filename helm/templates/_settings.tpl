{{/* The settings files, made from values that are maps or text. */}}

{{/* A document as text: text stays as it was written. Takes the value. */}}
{{- define "aixops.document" -}}
{{- if kindIs "string" . -}}{{ . }}{{- else -}}{{ toYaml . }}{{- end -}}
{{- end -}}

{{/* config.aixops as a map in YAML; text is read. What is no YAML has been told by the checks. */}}
{{- define "aixops.ownSettings" -}}
{{- $own := .Values.config.aixops -}}
{{- if kindIs "string" $own -}}{{ $own | default "{}" | fromYaml | toYaml }}{{- else -}}{{ toYaml $own }}{{- end -}}
{{- end -}}

{{/* redis: of aixops.yaml, from the values under redis; {} where the environment says it all. */}}
{{- define "aixops.redisSettings" -}}
{{- $redis := .Values.redis -}}
{{- $made := dict -}}
{{- if $redis.bundled.enabled }}{{ $_ := set $made "url" (printf "redis://%s:6379" (include "aixops.bundledRedis" .)) }}{{ end -}}
{{- with $redis.url }}{{ $_ := set $made "url" . }}{{ end -}}
{{- with $redis.cluster.nodes }}{{ $_ := set $made "cluster" (dict "nodes" .) }}{{ end -}}
{{- with $redis.username }}{{ $_ := set $made "username" . }}{{ end -}}
{{- if kindIs "float64" $redis.replicas }}{{ $_ := set $made "replicas" $redis.replicas }}{{ end -}}
{{- if $redis.sentinel.nodes }}{{ $_ := set $made "sentinel" (include "aixops.redisSentinel" . | fromYaml) }}{{ end -}}
{{- if $redis.tls.enabled }}{{ $_ := set $made "tls" (include "aixops.redisTls" . | fromYaml) }}{{ end -}}
{{- toYaml $made -}}
{{- end -}}

{{- define "aixops.redisSentinel" -}}
{{- $sentinel := .Values.redis.sentinel -}}
{{- $made := dict "name" $sentinel.name "nodes" $sentinel.nodes -}}
{{- with $sentinel.username }}{{ $_ := set $made "username" . }}{{ end -}}
{{- if kindIs "bool" $sentinel.tls }}{{ $_ := set $made "tls" $sentinel.tls }}{{ end -}}
{{- toYaml $made -}}
{{- end -}}

{{/* redis.tls of aixops.yaml: files of the mounted Secret by their paths. */}}
{{- define "aixops.redisTls" -}}
{{- $tls := .Values.redis.tls -}}
{{- $made := dict -}}
{{- range $name := list "ca" "cert" "key" -}}
{{- with index $tls $name }}{{ $_ := set $made $name (printf "/run/secrets/aixops/redis-tls/%s" .) }}{{ end -}}
{{- end -}}
{{- with $tls.serverName }}{{ $_ := set $made "serverName" . }}{{ end -}}
{{- toYaml $made -}}
{{- end -}}

{{/* aixops.yaml: what config.aixops says, and what the chart itself has to know. */}}
{{- define "aixops.settings" -}}
{{- $settings := include "aixops.ownSettings" . | fromYaml -}}
{{- $slack := dict "mode" .Values.slack.mode "port" (int .Values.slack.port) -}}
{{- $_ := set $settings "slack" (merge $slack ($settings.slack | default dict)) -}}
{{- with include "aixops.redisSettings" . | fromYaml }}{{ $_ := set $settings "redis" . }}{{ end -}}
{{- toYaml $settings -}}
{{- end -}}

{{/* data: of the ConfigMap. */}}
{{- define "aixops.files" -}}
aixops.yaml: |
  {{- include "aixops.settings" . | nindent 2 }}
inventory.yaml: |
  {{- include "aixops.document" .Values.config.inventory | nindent 2 }}
{{- with .Values.config.policy }}
policy.yaml: |
  {{- include "aixops.document" . | nindent 2 }}
{{- end }}
{{- with .Values.config.knownHosts }}
known_hosts: |
  {{- . | nindent 2 }}
{{- end }}
{{- range $name, $text := .Values.config.files }}
{{ $name }}: |
  {{- $text | nindent 2 }}
{{- end }}
{{- end -}}
