package dev.sluice.worker.tool.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.common.run.ContentPart;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ResultContentTest {

    @Test
    void textIsText() {
        assertThat(of("{'content':[{'type':'text','text':'one'},{'type':'text','text':'two'}]}"))
                .containsExactly(text("one"), text("two"));
    }

    @Test
    void anImageBecomesADataUrl() {
        assertThat(of("{'content':[{'type':'image','mimeType':'image/png','data':'QUJD'}]}"))
                .containsExactly(
                        new ContentPart.Image("data:image/png;base64,QUJD", null, Map.of()));
    }

    @Test
    void audioIsDescribed() {
        assertThat(of("{'content':[{'type':'audio','mimeType':'audio/wav','data':'QUI='}]}"))
                .containsExactly(text("[audio, audio/wav, 2 bytes that cannot be shown]"));
    }

    @Test
    void theTextOfAResourceIsText() {
        assertThat(of("{'content':[{'type':'resource','resource':{'uri':'a:b','text':'t'}}]}"))
                .containsExactly(text("t"));
    }

    @Test
    void theBlobOfAResourceIsDescribed() {
        assertThat(
                        of(
                                "{'content':[{'type':'resource','resource':{'uri':'a:b',"
                                        + "'mimeType':'application/pdf','blob':'QUJD'}}]}"))
                .containsExactly(
                        text("[resource, a:b, application/pdf, 3 bytes that cannot be shown]"));
    }

    @Test
    void aResourceThatIsAnImageIsShown() {
        assertThat(
                        of(
                                "{'content':[{'type':'resource','resource':{'uri':'a:b',"
                                        + "'mimeType':'image/png','blob':'QUJD'}}]}"))
                .containsExactly(
                        new ContentPart.Image("data:image/png;base64,QUJD", null, Map.of()));
    }

    @Test
    void aLinkIsDescribed() {
        assertThat(
                        of(
                                "{'content':[{'type':'resource_link','uri':'file:///a','name':'a',"
                                        + "'mimeType':'text/plain'}]}"))
                .containsExactly(text("[resource: a, file:///a, text/plain]"));
    }

    @Test
    void aKindNobodyKnowsIsShownAsItCame() {
        assertThat(of("{'content':[{'type':'hologram','x':1}]}"))
                .containsExactly(text("{\"type\":\"hologram\",\"x\":1}"));
    }

    @Test
    void structuredContentStandsInForText() {
        assertThat(of("{'content':[],'structuredContent':{'b':1,'a':{}}}"))
                .containsExactly(text("{\"b\":1,\"a\":{}}"));
        assertThat(of("{'content':[{'type':'text','text':'t'}],'structuredContent':{'b':1}}"))
                .containsExactly(text("t"));
    }

    @Test
    void anEmptyResultSaysSo() {
        assertThat(of("{}")).containsExactly(text("The tool returned no content."));
        assertThat(of("{'content':null}")).containsExactly(text("The tool returned no content."));
    }

    private static List<ContentPart> of(String json) {
        return ResultContent.of(JsonMapper.shared().readTree(json.replace('\'', '"')));
    }

    private static ContentPart text(String text) {
        return new ContentPart.Text(text);
    }
}
