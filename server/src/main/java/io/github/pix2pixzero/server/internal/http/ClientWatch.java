package io.github.pix2pixzero.server.internal.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * Whether the client of a request that has been read is still there. HTTP/1.1 says nothing while an
 * answer is awaited, so that the end of the connection is seen only by whoever reads from it. A
 * client that sends its next request already loses it: the connection is closed after the answer,
 * upon which it has to send it again (RFC 9112, 9.3.2).
 */
public final class ClientWatch {
  private final SocketChannel channel;
  private final Response response;
  private boolean over;

  ClientWatch(Request request, Response response) {
    this.response = response;
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    channel = endPoint instanceof SocketChannelEndPoint socket ? socket.getChannel() : null;
    request.addIdleTimeoutListener(timeout -> false); // it waits for us, not we for it
  }

  public boolean isGone() {
    if (over || channel == null) {
      return false;
    }
    try {
      int read = channel.read(ByteBuffer.allocate(1));
      if (read > 0) {
        over = true;
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
      }
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }
}
