#!/bin/bash
# Starts Kafka as one KRaft node with passwords (SCRAM) and access lists on.
# KAFKA_ADMIN_PASSWORD is the admin's; other principals are made once it runs.
set -euo pipefail
umask 077

kafka="${KAFKA_HOME:-/opt/kafka}"
store="${KAFKA_STORE:-/var/lib/kafka/data}"
settings="${KAFKA_SETTINGS:-/tmp/kafka}"
me="required username=\"admin\" password=\"${KAFKA_ADMIN_PASSWORD:?}\""
scram="org.apache.kafka.common.security.scram.ScramLoginModule $me;"
mkdir -p "$settings"

# INSIDE is for the services, HUBS for hub systems on this machine. The controller's door knows PLAIN only,
# since SCRAM records are what it has yet to load.
cat > "$settings/server.properties" <<EOF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:9093
listeners=INSIDE://:9092,HUBS://:39092,CONTROLLER://127.0.0.1:9093
advertised.listeners=INSIDE://${KAFKA_HOST:-kafka}:9092,HUBS://127.0.0.1:39092
listener.security.protocol.map=INSIDE:SASL_PLAINTEXT,HUBS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.inside.scram-sha-512.sasl.jaas.config=$scram
listener.name.hubs.scram-sha-512.sasl.jaas.config=$scram
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule $me user_admin="$KAFKA_ADMIN_PASSWORD";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:admin
log.dirs=$store
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
EOF
cat > "$settings/admin.properties" <<EOF
security.protocol=SASL_PLAINTEXT
sasl.mechanism=SCRAM-SHA-512
sasl.jaas.config=$scram
EOF

# The admin's password goes in with the format, since nobody could log in to set it. The id is a fresh one, by which
# the services see that this is another Kafka than the one that their offsets are of.
if [ ! -e "$store/meta.properties" ]; then
    cluster="$("$kafka/bin/kafka-storage.sh" random-uuid)"
    "$kafka/bin/kafka-storage.sh" format -t "$cluster" -c "$settings/server.properties" \
        --add-scram "SCRAM-SHA-512=[name=admin,password=$KAFKA_ADMIN_PASSWORD]" > /dev/null  # it prints keys
fi
exec "$kafka/bin/kafka-server-start.sh" "$settings/server.properties"
