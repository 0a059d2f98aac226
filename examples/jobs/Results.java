import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/// Prints results as they come. A result may come twice, under the same job's id.
void main() {
    String kafka = Objects.requireNonNullElse(System.getenv("KAFKA"), "127.0.0.1:9092");
    Map<String, Object> properties =
            Map.of("bootstrap.servers", kafka, "group.id", "example", "auto.offset.reset", "earliest");
    var strings = new StringDeserializer();
    try (var consumer = new KafkaConsumer<>(properties, strings, strings)) {
        consumer.subscribe(List.of("sluice.results"));
        while (true) {
            for (ConsumerRecord<String, String> result : consumer.poll(Duration.ofSeconds(1))) {
                String status = new String(result.headers().lastHeader("status").value());
                IO.println(result.key() + " " + status + " " + result.value());
            }
        }
    }
}
