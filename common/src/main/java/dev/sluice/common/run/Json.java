package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// The JSON mapper of all that Sluice reads and writes.
public final class Json {
    /// How deep what comes from outside may be nested. Our own records hold it a few levels deeper.
    private static final int FOREIGN_NESTING = 128;

    private static final int OWN_NESTING = 256;

    /// Snake-case names, absent instead of null or an empty map, unknown fields ignored.
    public static final JsonMapper MAPPER = mapper(OWN_NESTING);

    /// The same for what clients, providers and tools send: nesting is bounded so that whatever is
    /// taken in fits into our own records.
    public static final JsonMapper FOREIGN = mapper(FOREIGN_NESTING);

    private Json() {}

    private static JsonMapper mapper(int nesting) {
        return JsonMapper.builder(
                        JsonFactory.builder()
                                .streamReadConstraints(
                                        StreamReadConstraints.builder()
                                                .maxNestingDepth(nesting)
                                                .maxStringLength(Integer.MAX_VALUE)
                                                .build())
                                .build())
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .changeDefaultPropertyInclusion(
                        inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
                .withConfigOverride(
                        Map.class,
                        maps ->
                                maps.setInclude(
                                        JsonInclude.Value.construct(
                                                JsonInclude.Include.NON_EMPTY, null)))
                .build();
    }
}
