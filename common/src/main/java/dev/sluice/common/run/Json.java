package dev.sluice.common.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// The JSON mapper of all that Sluice reads and writes.
public final class Json {
    /// Snake-case names, absent instead of null or an empty map, unknown fields ignored; nesting is
    /// bounded, so that no client can make it recurse without end.
    public static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(200)
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

    private Json() {}
}
