package dev.sluice.gateway.dialect.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.Failure;
import dev.sluice.gateway.dialect.Dialect;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatRefusalTest {
    private static final String USER = "{'role':'user','content':'x'}";

    private static Failure.InvalidRequest refused(Buffer body) {
        return switch (new ChatDialect().parse(body)) {
            case Dialect.Parsed.Refused(Failure.InvalidRequest refusal) -> refusal;
            case Dialect.Parsed other -> throw new AssertionError(other);
        };
    }

    private static Failure.InvalidRequest refused(String body) {
        return refused(Buffer.buffer(body.replace('\'', '"')));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "{'messages':[]}|model|missing_required_parameter|Missing required parameter: 'model'.",
                "{'model':null}|model|invalid_type|Invalid type for 'model': expected a string, but got null instead.",
                "{'model':''}|model|empty_string|Invalid 'model': empty string. Expected a string with minimum length 1, but got an empty string instead.",
                "{'model':'m'}|messages|missing_required_parameter|Missing required parameter: 'messages'.",
                "{'model':'m','messages':'x'}|messages|invalid_type|Invalid type for 'messages': expected an array of objects, but got a string instead.",
                "{'model':'m','messages':[]}|messages|empty_array|Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            })
    void aRequestLacksWhatItNeeds(String body, String param, String code, String problem) {
        assertThat(refused(body)).isEqualTo(new Failure.InvalidRequest(param, problem, code));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1|messages[1]|Invalid type for 'messages[1]': expected an object, but got an integer instead.",
                "{}|messages[1].role|Missing required parameter: 'messages[1].role'.",
                "{'role':'bard'}|messages[1].role|Invalid value: 'bard'. Supported values are: 'system', 'developer', 'user', 'assistant', and 'tool'.",
                "{'role':'function','name':'f','content':'x'}|messages[1].role|Unsupported value: 'function' is a deprecated role. Use 'tool' with a 'tool_call_id' instead.",
                "{'role':'user'}|messages[1].content|Missing required parameter: 'messages[1].content'.",
                "{'role':'user','content':3}|messages[1].content|Invalid type for 'messages[1].content': expected one of a string or array of objects, but got an integer instead.",
                "{'role':'user','content':null}|messages[1].content|Invalid type for 'messages[1].content': expected one of a string or array of objects, but got null instead.",
                "{'role':'user','content':[]}|messages[1].content|Invalid 'messages[1].content': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                "{'role':'user','content':['x']}|messages[1].content[0]|Invalid type for 'messages[1].content[0]': expected an object, but got a string instead.",
                "{'role':'user','content':[{'text':'x'}]}|messages[1].content[0].type|Missing required parameter: 'messages[1].content[0].type'.",
                "{'role':'user','content':[{'type':'text'}]}|messages[1].content[0].text|Missing required parameter: 'messages[1].content[0].text'.",
                "{'role':'user','content':[{'type':'image_url','image_url':'u'}]}|messages[1].content[0].image_url|Invalid type for 'messages[1].content[0].image_url': expected an object, but got a string instead.",
                "{'role':'user','content':[{'type':'image_url','image_url':{'url':1.5}}]}|messages[1].content[0].image_url.url|Invalid type for 'messages[1].content[0].image_url.url': expected a string, but got a decimal instead.",
                "{'role':'user','content':[{'type':'file','file':{}}]}|messages[1].content[0].file|Missing required parameter: 'messages[1].content[0].file.file_id' or 'messages[1].content[0].file.file_data'.",
                "{'role':'user','content':[{'type':'refusal','refusal':'x'}]}|messages[1].content[0].type|Invalid value: 'refusal'. Supported values are: 'text', 'image_url', 'input_audio', and 'file'.",
                "{'role':'system','content':[{'type':'image_url'}]}|messages[1].content[0].type|Invalid value: 'image_url'. Supported values are: 'text'.",
                "{'role':'assistant'}|messages[1].content|Missing required parameter: 'messages[1].content'.",
                "{'role':'assistant','content':'x','refusal':1}|messages[1].refusal|Invalid type for 'messages[1].refusal': expected a string, but got an integer instead.",
                "{'role':'assistant','tool_calls':{}}|messages[1].tool_calls|Invalid type for 'messages[1].tool_calls': expected an array of objects, but got an object instead.",
                "{'role':'assistant','tool_calls':[{'type':'function'}]}|messages[1].tool_calls[0].id|Missing required parameter: 'messages[1].tool_calls[0].id'.",
                "{'role':'assistant','tool_calls':[{'id':'c','type':'custom'}]}|messages[1].tool_calls[0].type|Invalid value: 'custom'. Supported values are: 'function'.",
                "{'role':'assistant','tool_calls':[{'id':'c','type':'function','function':{'name':'f','arguments':{}}}]}|messages[1].tool_calls[0].function.arguments|Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string, but got an object instead.",
                "{'role':'tool','content':'x'}|messages[1].tool_call_id|Missing required parameter: 'messages[1].tool_call_id'.",
                "{'role':'tool','tool_call_id':'c'}|messages[1].content|Missing required parameter: 'messages[1].content'.",
            })
    void aMessageIsRefusedNamingTheFieldAtFault(String message, String param, String problem) {
        Failure.InvalidRequest refusal =
                refused("{'model':'m','messages':[" + USER + "," + message + "]}");
        assertThat(refusal.param()).isEqualTo(param);
        assertThat(refusal.problem()).isEqualTo(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "'stream':1|stream|invalid_type|Invalid type for 'stream': expected a boolean, but got an integer instead.",
                "'stream_options':{}|stream_options|-|The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                "'stream':true,'stream_options':[]|stream_options|invalid_type|Invalid type for 'stream_options': expected an object, but got an empty array instead.",
                "'stream':true,'stream_options':{'include_usage':'x'}|stream_options.include_usage|invalid_type|Invalid type for 'stream_options.include_usage': expected a boolean, but got a string instead.",
                "'n':2|n|unsupported_value|Unsupported value: 'n' does not support 2 with agents. Only the default (1) value is supported.",
                "'n':18446744073709551617|n|integer_above_max_value|-",
                "'n':0|n|integer_below_min_value|Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
                "'n':1.0|n|invalid_type|Invalid type for 'n': expected an integer, but got a decimal instead.",
                "'temperature':'x'|temperature|invalid_type|Invalid type for 'temperature': expected a decimal, but got a string instead.",
                "'temperature':2.5|temperature|decimal_above_max_value|Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
                "'temperature':1e999|temperature|decimal_above_max_value|-",
                "'top_p':-0.1|top_p|decimal_below_min_value|-",
                "'presence_penalty':-3|presence_penalty|decimal_below_min_value|-",
                "'frequency_penalty':3|frequency_penalty|decimal_above_max_value|-",
                "'max_tokens':0|max_tokens|integer_below_min_value|-",
                "'max_completion_tokens':'9'|max_completion_tokens|invalid_type|-",
                "'top_logprobs':21|top_logprobs|integer_above_max_value|-",
                "'seed':1.5|seed|invalid_type|-",
                "'stop':1|stop|invalid_type|Invalid type for 'stop': expected one of a string or array of strings, but got an integer instead.",
                "'stop':['a',1]|stop[1]|invalid_type|-",
                "'stop':['a','b','c','d','e']|stop|array_above_max_length|Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
                "'response_format':'json'|response_format|invalid_type|-",
                "'response_format':{}|response_format.type|missing_required_parameter|-",
                "'tool_choice':'any'|tool_choice|invalid_value|Invalid value: 'any'. Supported values are: 'none', 'auto', and 'required'.",
                "'tool_choice':1|tool_choice|invalid_type|Invalid type for 'tool_choice': expected one of a string or an object, but got an integer instead.",
                "'tool_choice':{'type':'function'}|tool_choice.function|missing_required_parameter|-",
                "'parallel_tool_calls':'no'|parallel_tool_calls|invalid_type|-",
                "'logprobs':1|logprobs|invalid_type|-",
                "'user':1|user|invalid_type|-",
                "'reasoning_effort':1|reasoning_effort|invalid_type|-",
                "'logit_bias':[]|logit_bias|invalid_type|-",
                "'metadata':{'a':1}|metadata.a|invalid_type|-",
                "'metadata':['a']|metadata|invalid_type|-",
                "'on_disconnect':1|on_disconnect|invalid_type|-",
                "'on_disconnect':'stay'|on_disconnect|invalid_value|Invalid value: 'stay'. Supported values are: 'cancel' and 'continue'.",
                "'modalities':['text','audio']|modalities|unsupported_value|-",
                "'audio':{}|audio|unsupported_parameter|-",
                "'functions':[]|functions|unsupported_parameter|Unsupported parameter: 'functions' is deprecated and not supported with agents. Use 'tools' instead.",
                "'function_call':'auto'|function_call|unsupported_parameter|Unsupported parameter: 'function_call' is deprecated and not supported with agents. Use 'tool_choice' instead.",
                "'tools':{}|tools|invalid_type|-",
                "'tools':[1]|tools[0]|invalid_type|-",
                "'tools':[{'type':'custom'}]|tools[0].type|invalid_value|Invalid value: 'custom'. Supported values are: 'function'.",
                "'tools':[{'type':'function'}]|tools[0].function|missing_required_parameter|-",
                "'tools':[{'type':'function','function':{'name':'a b'}}]|tools[0].function.name|invalid_value|Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]{1,64}$'.",
                "'tools':[{'type':'function','function':{'name':'f','parameters':'x'}}]|tools[0].function.parameters|invalid_type|-",
                "'tools':[{'type':'function','function':{'name':'f'}},{'type':'function','function':{'name':'f'}}]|tools[1].function.name|invalid_value|Invalid 'tools[1].function.name': duplicate tool name. Expected names that differ, but got 'f' twice.",
            })
    void aParameterIsRefusedNamingTheFieldAtFault(
            String fields, String param, String code, String problem) {
        Failure.InvalidRequest refusal =
                refused("{'model':'m','messages':[" + USER + "]," + fields + "}");
        assertThat(refusal.param()).isEqualTo(param);
        assertThat(refusal.code()).isEqualTo(code);
        if (problem != null) {
            assertThat(refusal.problem()).isEqualTo(problem);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|It is empty.",
                "`  `|It is empty.",
                "null|Expected an object, but got null.",
                "[]|Expected an object, but got an empty array.",
                "'x'|Expected an object, but got a string.",
                "{'a':1|It is not valid JSON, from line 1, column 7 on.",
                "{} x|It is not valid JSON, from line 1, column 4 on.",
                "{} {}|It is not valid JSON, from line 1, column 4 on.",
                "{'\\ud800':1}|It is not valid JSON, from line 1, column 9 on.",
                "{'a':NaN}|It is not valid JSON, from line 1, column 9 on.",
            })
    void aBodyThatIsNoJsonObjectIsRefused(String body, String why) {
        assertThat(refused(body))
                .isEqualTo(
                        new Failure.InvalidRequest(
                                null, "We could not parse the JSON body of your request. " + why));
    }

    @Test
    void aBodyInAnotherEncodingIsRefused() {
        for (byte[] body :
                new byte[][] {
                    {'{', '"', (byte) 0xC3, '(', '"', ':', '1', '}'},
                    {'{', '"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'},
                    {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'}
                }) {
            assertThat(refused(Buffer.buffer(body)).problem()).endsWith("It is not valid UTF-8.");
        }
        assertThat(refused("{'\uFFFD':1}").param())
                .as("a character like others")
                .isEqualTo("model");
        byte[] utf16 = {'{', 0, '}', 0};
        assertThat(refused(Buffer.buffer(utf16)).problem()).contains("not valid JSON");
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 100_000})
    void aBodyNestedTooDeeplyIsRefused(int depth) {
        String nested = "{'model':'m','x':" + "[".repeat(depth) + "]".repeat(depth) + "}";
        assertThat(refused(nested).problem())
                .endsWith("It is nested too deeply, or holds a number or name too long.");
    }

    @Test
    void aValueOfAnyLengthIsShownInShort() {
        String role = "x".repeat(100_000);
        assertThat(refused("{'model':'m','messages':[{'role':'" + role + "'}]}").problem())
                .hasSizeLessThan(300);
    }

    @Test
    void onlyTheFirstProblemIsTold() {
        assertThat(refused("{'model':1,'messages':2,'n':3}").param()).isEqualTo("model");
    }
}
