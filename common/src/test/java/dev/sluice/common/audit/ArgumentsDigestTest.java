package dev.sluice.common.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArgumentsDigestTest {
    @Test
    void itIsTheSha256OfTheJsonWithSortedFields() {
        // printf '{"a":{"x":2,"y":1},"b":[1,"é"]}' | sha256sum
        assertThat(ArgumentsDigest.of("{\"b\": [1, \"é\"], \"a\": {\"y\": 1, \"x\": 2}}"))
                .isEqualTo("5ba9bcde1ab8e9af85cdea5b93c3509ee3ede6339fe830ad6a37c3a621f3266f");
    }

    @Test
    void spaceAndTheOrderOfFieldsDoNotMatterAndTheOrderOfItemsDoes() {
        assertThat(ArgumentsDigest.of("{ \"a\":1,\n \"b\":[1,2] }"))
                .isEqualTo(ArgumentsDigest.of("{\"b\":[1,2],\"a\":1}"))
                .isNotEqualTo(ArgumentsDigest.of("{\"b\":[2,1],\"a\":1}"));
    }

    @Test
    void whatIsNoJsonCountsAsTheTextThatItIs() {
        // printf '{"city":"To' | sha256sum
        assertThat(ArgumentsDigest.of("{\"city\":\"To"))
                .isEqualTo("54ce5d746c3438f29057b69a19f7cf89a82b435bf4fe94c77f5a3ee138116079");
        assertThat(ArgumentsDigest.of(""))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
