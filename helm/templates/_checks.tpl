{{/*
What the schema cannot say, or would not say in words. Each check adds sentences to one list, so that everything that is
wrong is told at once. A check takes root and problems (a dict whose "list" grows).
*/}}

{{/* One more sentence. Takes a list: the problems so far, the key, the sentence. */}}
{{- define "aixops.problem" -}}
{{- $problems := index . 0 -}}
{{- $_ := set $problems "list" (append $problems.list (printf "%s: %s" (index . 1) (index . 2))) -}}
{{- end -}}

{{- define "aixops.checked" -}}
{{- $checks := list "image" "slack" "settings" "redis" "secrets" "externalSecrets" "network" "security" "running" "scaling" -}}
{{- $problems := dict "list" list -}}
{{- range $checks -}}
{{- include (printf "aixops.check.%s" .) (dict "root" $ "problems" $problems) -}}
{{- end -}}
{{- with $problems.list -}}
{{- printf "\n\nThe values have %s. Nothing was installed.\n  %s\n" (ternary "a problem" (printf "%d problems" (len .)) (eq (len .) 1)) (join "\n  " .) | fail -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.image" -}}
{{- $image := .root.Values.image -}}
{{- $problems := .problems -}}
{{- if not $image.repository -}}
{{- include "aixops.problem" (list $problems "image.repository" "This is empty: name the image that you have built, without its tag (docs/install/image.md).") -}}
{{- end -}}
{{- if eq $image.tag "latest" -}}
{{- include "aixops.problem" (list $problems "image.tag" "This is \"latest\", which means another program tomorrow: name a version.") -}}
{{- end -}}
{{- if and $image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" $image.digest)) -}}
{{- include "aixops.problem" (list $problems "image.digest" "This must be sha256: and 64 hexadecimal digits.") -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.slack" -}}
{{- $values := .root.Values -}}
{{- $problems := .problems -}}
{{- $wanted := dict "socket" "SLACK_APP_TOKEN" "http" "SLACK_SIGNING_SECRET" -}}
{{- range list "SLACK_BOT_TOKEN" (get $wanted $values.slack.mode) -}}
{{- if not (has . $values.secrets.bot.variables) -}}
{{- include "aixops.problem" (list $problems "secrets.bot.variables" (printf "%s is missing here: the bot needs it with slack.mode %s." . $values.slack.mode)) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $values.slack.mode "http") (eq (int $values.slack.port) (int $values.health.port)) -}}
{{- include "aixops.problem" (list $problems "slack.port" "This is health.port too: give one of them another.") -}}
{{- end -}}
{{- if $values.ingress.enabled -}}
{{- if ne $values.slack.mode "http" -}}
{{- include "aixops.problem" (list $problems "ingress.enabled" "Slack calls nothing while slack.mode is socket: set slack.mode to http, or leave the ingress out.") -}}
{{- end -}}
{{- if not $values.ingress.host -}}
{{- include "aixops.problem" (list $problems "ingress.host" "This is empty: name the host that Slack calls, as the app's request URLs have it.") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.settings" -}}
{{- $config := .root.Values.config -}}
{{- $problems := .problems -}}
{{- range $name := list "aixops" "inventory" "policy" -}}
{{- $text := index $config $name -}}
{{- if and (kindIs "string" $text) $text -}}
{{- with (fromYaml $text).Error -}}
{{- include "aixops.problem" (list $problems (printf "config.%s" $name) (printf "This text is no YAML (%s)." .)) -}}
{{- end -}}
{{- end -}}
{{- if and $config.existingConfigMap $text -}}
{{- include "aixops.problem" (list $problems (printf "config.%s" $name) "config.existingConfigMap is set too: keep one of them.") -}}
{{- end -}}
{{- end -}}
{{- if not (or $config.existingConfigMap $config.inventory) -}}
{{- include "aixops.problem" (list $problems "config.inventory" "This is empty, so there is nothing to look at: write the nodes here, or name config.existingConfigMap.") -}}
{{- end -}}
{{- range $name, $text := $config.files -}}
{{- if has $name (list "aixops.yaml" "inventory.yaml" "policy.yaml" "known_hosts") -}}
{{- include "aixops.problem" (list $problems (printf "config.files.%s" $name) "This file has a key of its own under config.") -}}
{{- end -}}
{{- end -}}
{{- $own := include "aixops.ownSettings" .root | fromYaml -}}
{{- if hasKey $own "redis" -}}
{{- include "aixops.problem" (list $problems "config.aixops.redis" "The chart has to know of Redis: write it under redis: of the values.") -}}
{{- end -}}
{{- $slack := $own.slack | default dict -}}
{{- range $name := list "mode" "port" -}}
{{- if hasKey $slack $name -}}
{{- include "aixops.problem" (list $problems (printf "config.aixops.slack.%s" $name) (printf "The chart has to know it: write slack.%s at the top of the values." $name)) -}}
{{- end -}}
{{- end -}}
{{- if hasKey $own "health" -}}
{{- include "aixops.problem" (list $problems "config.aixops.health" "The chart has to know it: write health.port and health.host at the top of the values.") -}}
{{- end -}}
{{- end -}}

{{/* Exactly one way to Redis. */}}
{{- define "aixops.check.redis" -}}
{{- $redis := .root.Values.redis -}}
{{- $problems := .problems -}}
{{- $ways := list -}}
{{- if has "REDIS_URL" .root.Values.secrets.shared.variables }}{{ $ways = append $ways "REDIS_URL in secrets.shared.variables" }}{{ end -}}
{{- if $redis.url }}{{ $ways = append $ways "redis.url" }}{{ end -}}
{{- if or $redis.sentinel.name $redis.sentinel.nodes }}{{ $ways = append $ways "redis.sentinel" }}{{ end -}}
{{- if $redis.cluster.nodes }}{{ $ways = append $ways "redis.cluster" }}{{ end -}}
{{- if $redis.bundled.enabled }}{{ $ways = append $ways "redis.bundled" }}{{ end -}}
{{- if eq (len $ways) 0 -}}
{{- include "aixops.problem" (list $problems "redis" "Nothing says where Redis is: put REDIS_URL into secrets.shared.variables, or set redis.url, redis.sentinel, redis.cluster, or for a trial redis.bundled.enabled.") -}}
{{- else if gt (len $ways) 1 -}}
{{- include "aixops.problem" (list $problems "redis" (printf "Redis is named in %d ways (%s): keep one." (len $ways) (join ", " $ways))) -}}
{{- end -}}
{{- if regexMatch "^[a-z]+://[^/]*@" $redis.url -}}
{{- include "aixops.problem" (list $problems "redis.url" "This holds a password, which a ConfigMap is no place for: put the whole URL into REDIS_URL of the shared Secret, or the password into REDIS_PASSWORD.") -}}
{{- else if and $redis.url (not (regexMatch "^rediss?://[^/@]+" $redis.url)) -}}
{{- include "aixops.problem" (list $problems "redis.url" "This must be a URL such as redis://redis.example.net:6379.") -}}
{{- end -}}
{{- if ne (not $redis.sentinel.name) (not $redis.sentinel.nodes) -}}
{{- include "aixops.problem" (list $problems "redis.sentinel" "Sentinels need both: name (of the master that they watch) and nodes (their addresses).") -}}
{{- end -}}
{{- if and (not $redis.tls.enabled) (or $redis.tls.secretName $redis.tls.ca $redis.tls.cert $redis.tls.key $redis.tls.serverName) -}}
{{- include "aixops.problem" (list $problems "redis.tls.enabled" "This is false, so nothing else under redis.tls would be used: set it to true.") -}}
{{- end -}}
{{- if and $redis.tls.enabled (or $redis.bundled.enabled (hasPrefix "redis://" $redis.url)) -}}
{{- include "aixops.problem" (list $problems "redis.tls.enabled" "This Redis is reached without TLS: let redis.url begin with rediss://, or leave tls out.") -}}
{{- end -}}
{{- if and $redis.tls.enabled (or $redis.tls.ca $redis.tls.cert $redis.tls.key) (not $redis.tls.secretName) -}}
{{- include "aixops.problem" (list $problems "redis.tls.secretName" "redis.tls names files, and not the Secret that holds them.") -}}
{{- end -}}
{{- if ne (not $redis.tls.cert) (not $redis.tls.key) -}}
{{- include "aixops.problem" (list $problems "redis.tls" "A client certificate needs both cert and key.") -}}
{{- end -}}
{{- if and $redis.bundled.enabled (not .root.Values.networkPolicy.enabled) -}}
{{- include "aixops.problem" (list $problems "redis.bundled.enabled" "The bundled Redis has no password; only a NetworkPolicy keeps others out: set networkPolicy.enabled to true.") -}}
{{- end -}}
{{- $made := include "aixops.redisSettings" .root | fromYaml -}}
{{- if and .root.Values.config.existingConfigMap $made -}}
{{- include "aixops.problem" (list $problems "redis" "With config.existingConfigMap the chart writes no aixops.yaml: say there where Redis is, and put REDIS_URL into secrets.shared.variables here.") -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.secrets" -}}
{{- $problems := .problems -}}
{{- $root := .root -}}
{{- $whose := dict "bot" "the bot's Slack tokens" "shared" "what bot and worker both hold" "ssh" "the workers' private keys" -}}
{{- range $group := list "bot" "shared" "ssh" -}}
{{- $secret := index $root.Values.secrets $group -}}
{{- $isNeeded := or (eq $group "ssh") $secret.variables -}}
{{- if and $isNeeded (not (include "aixops.secretName" (dict "root" $root "group" $group))) -}}
{{- include "aixops.problem" (list $problems (printf "secrets.%s.secretName" $group) (printf "This is empty: name the Secret with %s, or set externalSecrets.enabled." (get $whose $group))) -}}
{{- end -}}
{{- range $variable, $key := $secret.keys -}}
{{- if not (has $variable $secret.variables) -}}
{{- include "aixops.problem" (list $problems (printf "secrets.%s.keys.%s" $group $variable) (printf "%s is not in secrets.%s.variables, so nothing would read it." $variable $group)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (has "STORE_KEY_OLD" $root.Values.secrets.shared.variables) (not (has "STORE_KEY" $root.Values.secrets.shared.variables)) -}}
{{- include "aixops.problem" (list $problems "secrets.shared.variables" "STORE_KEY_OLD is here without STORE_KEY: the new key goes there.") -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.externalSecrets" -}}
{{- $external := .root.Values.externalSecrets -}}
{{- $problems := .problems -}}
{{- $root := .root -}}
{{- if $external.enabled -}}
{{- if not $external.store.name -}}
{{- include "aixops.problem" (list $problems "externalSecrets.store.name" "This is empty: name the SecretStore that secrets come from.") -}}
{{- end -}}
{{- range $group := list "bot" "shared" "ssh" -}}
{{- $secret := index $root.Values.secrets $group -}}
{{- if and (eq $group "ssh") (not $secret.remoteRefs) (not $secret.secretName) -}}
{{- include "aixops.problem" (list $problems "secrets.ssh.remoteRefs" "This names no private key: say where each comes from, by the name of its file.") -}}
{{- end -}}
{{- if or $secret.remoteRefs (not $secret.secretName) -}}
{{- range $secret.variables -}}
{{- if not (hasKey $secret.remoteRefs .) -}}
{{- include "aixops.problem" (list $problems (printf "secrets.%s.remoteRefs.%s" $group .) "This is missing: say where the external store keeps it (key, and property where it has one).") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.network" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $problems := .problems -}}
{{- if and $policy.enabled (not $policy.ssh) -}}
{{- include "aixops.problem" (list $problems "networkPolicy.ssh" "This names no network, so workers would reach no node: list the networks of nodes and HMCs, for example [{cidrs: [10.0.0.0/16], ports: [22]}].") -}}
{{- end -}}
{{- range $index, $one := $policy.ssh -}}
{{- range $one.cidrs -}}
{{- if not (regexMatch "^([0-9]{1,3}(\\.[0-9]{1,3}){3}/([0-9]|[12][0-9]|3[0-2])|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*/[0-9]{1,3})$" .) -}}
{{- include "aixops.problem" (list $problems (printf "networkPolicy.ssh[%d].cidrs" $index) (printf "%q is no network such as 10.0.0.0/16; of one host it is 10.0.1.11/32." .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .root.Values.tracing.endpoint -}}
{{- if not (regexMatch "^https?://[^/]+" .) -}}
{{- include "aixops.problem" (list $problems "tracing.endpoint" "This must be a URL such as http://collector.observability:4318.") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What the image does not need, nobody may give it by mistake. */}}
{{- define "aixops.check.security" -}}
{{- $pod := .root.Values.podSecurityContext -}}
{{- $own := .root.Values.securityContext -}}
{{- $problems := .problems -}}
{{- if not $pod.runAsNonRoot -}}
{{- include "aixops.problem" (list $problems "podSecurityContext.runAsNonRoot" "This must stay true: aixops never runs as root.") -}}
{{- end -}}
{{- range $key, $one := dict "podSecurityContext.runAsUser" $pod "securityContext.runAsUser" $own -}}
{{- if and (hasKey $one "runAsUser") (eq (toString $one.runAsUser) "0") -}}
{{- include "aixops.problem" (list $problems $key "This is root: aixops never runs as root.") -}}
{{- end -}}
{{- end -}}
{{- if not $own.readOnlyRootFilesystem -}}
{{- include "aixops.problem" (list $problems "securityContext.readOnlyRootFilesystem" "This must stay true: aixops writes to /tmp only.") -}}
{{- end -}}
{{- range $name := list "allowPrivilegeEscalation" "privileged" -}}
{{- if index $own $name -}}
{{- include "aixops.problem" (list $problems (printf "securityContext.%s" $name) "This must stay false: aixops needs no privilege.") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "aixops.check.running" -}}
{{- $problems := .problems -}}
{{- range $component, $least := include "aixops.leastGraceSeconds" .root | fromYaml -}}
{{- if lt (int (index $.root.Values $component).terminationGracePeriodSeconds) (int $least) -}}
{{- include "aixops.problem" (list $problems (printf "%s.terminationGracePeriodSeconds" $component) (printf "This is at least %d: so long it may take until what is under way is handed over (docs/operations/stopping.md)." (int $least))) -}}
{{- end -}}
{{- end -}}
{{- range $key, $values := dict "bot" .root.Values.bot "worker" .root.Values.worker "redis.bundled" .root.Values.redis.bundled -}}
{{- range $name := list "cpu" "memory" -}}
{{- if not (dig "limits" $name "" ($values.resources | default dict)) -}}
{{- include "aixops.problem" (list $problems (printf "%s.resources.limits.%s" $key $name) "This is missing: without a limit one pod can take a whole node.") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Seconds: what a process takes at most for its own end, and a little for the kubelet around it. */}}
{{- define "aixops.leastGraceSeconds" -}}
bot: 35
worker: 355
{{- end -}}

{{- define "aixops.check.scaling" -}}
{{- $scaling := .root.Values.worker.autoscaling -}}
{{- $problems := .problems -}}
{{- if $scaling.enabled -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- include "aixops.problem" (list $problems "worker.autoscaling.minReplicas" (printf "This is %d, more than maxReplicas (%d)." (int $scaling.minReplicas) (int $scaling.maxReplicas))) -}}
{{- end -}}
{{- if and (eq $scaling.by "keda") (not $scaling.prometheus) -}}
{{- include "aixops.problem" (list $problems "worker.autoscaling.prometheus" "This is empty: KEDA asks Prometheus how long the queue is; write its URL.") -}}
{{- end -}}
{{- if not (or .root.Values.monitoring.serviceMonitor.enabled .root.Values.monitoring.podMonitor.enabled .root.Values.monitoring.scrapedOtherwise) -}}
{{- include "aixops.problem" (list $problems "worker.autoscaling.enabled" "Nothing collects the length of the queue: switch on monitoring.serviceMonitor or monitoring.podMonitor, or set monitoring.scrapedOtherwise.") -}}
{{- end -}}
{{- end -}}
{{- end -}}
