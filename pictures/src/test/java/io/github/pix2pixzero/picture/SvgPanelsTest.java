package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.picture.SvgPanels.Point;
import java.io.StringReader;
import java.util.List;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class SvgPanelsTest {

  private static Document parsed(SvgPanels panels) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(panels.svg())));
  }

  private static String points(Document svg, int panel) {
    return ((Element) svg.getElementsByTagName("polyline").item(panel))
        .getAttribute("points")
        .strip();
  }

  @Test
  void everyPanelHasAnAxisOfItsOwn() throws Exception {
    SvgPanels panels = SvgPanels.over(20);
    panels.add("first", List.of(new Point(0, 1), new Point(10, 3), new Point(20, 2)));
    panels.add("zeros", List.of(new Point(0, 0), new Point(20, 0)));
    panels.add("second", List.of(new Point(0, -5), new Point(20, 5)));

    Document svg = parsed(panels);

    assertThat(points(svg, 0)).isEqualTo("70.00,144.0 390.0,24.00 710.0,84.00");
    assertThat(points(svg, 1)).isEqualTo("70.00,288.0 710.0,168.0");
    assertThat(svg.getDocumentElement().getAttribute("height")).isEqualTo("312");
  }

  @Test
  void equalRatiosAreEquallyFarApart() throws Exception {
    SvgPanels panels = SvgPanels.overRatios(DoubleStream.of(4, 0.5, 1));
    panels.add(
        "truth",
        List.of(new Point(0.5, 1, "fast"), new Point(1, 2, "a < b"), new Point(4, 3, "slow")));

    assertThat(points(parsed(panels), 0)).isEqualTo("110.0,144.0 296.7,84.00 670.0,24.00");
    assertThat(panels.svg())
        .contains("text-anchor=\"start\">fast<", "text-anchor=\"end\">slow<", ">a &lt; b<")
        .contains(">0.5<", ">1<", ">2<")
        .doesNotContain(">0.2<", ">10<");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SvgPanels.overRatios(DoubleStream.of(0, 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SvgPanels.overRatios(DoubleStream.of(1, 1)));
  }
}
