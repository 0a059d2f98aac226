import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/// Submits three jobs. Their ids are theirs for good: run it twice, and each is run once.
void main() {
    String kafka = Objects.requireNonNullElse(System.getenv("KAFKA"), "127.0.0.1:9092");
    var strings = new StringSerializer();
    try (var producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka), strings, strings)) {
        for (String city : List.of("Tokyo", "Paris", "Lima")) {
            String id = "time-in-" + city.toLowerCase();
            String job =
                    """
                    {"id": "%s", "agent": "demo", "input": "What time is it in %s?"}
                    """
                            .formatted(id, city);
            producer.send(new ProducerRecord<>("sluice.jobs", id, job));
        }
    }
}
