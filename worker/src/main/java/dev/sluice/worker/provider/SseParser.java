package dev.sluice.worker.provider;

import java.util.Arrays;

/// Splits a stream of [server-sent
/// events](https://html.spec.whatwg.org/multipage/server-sent-events.html) into the data of its
/// events, wherever the bytes are cut. It works on bytes, so that no cut inside a character
/// matters; fields other than `data` are skipped, and so is an event that the stream ends within.
/// Belongs to one thread.
final class SseParser {
    /// Takes the data of one event, which is valid during the call only.
    interface Sink {
        /// An event whose data, its lines joined by `\n`, is `length` bytes from `offset`.
        void event(byte[] bytes, int offset, int length);
    }

    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] DATA = {'d', 'a', 't', 'a'};

    private final int limit;
    private final Sink sink;
    private final Bytes line = new Bytes();
    private final Bytes data = new Bytes();
    private boolean dataSeen;
    private boolean firstLine = true;
    private boolean afterCarriageReturn;

    /// A parser that refuses an event of more than `limit` bytes.
    SseParser(int limit, Sink sink) {
        this.limit = limit;
        this.sink = sink;
    }

    /// Takes the next bytes of the stream. False if an event is too large; the parser is of no use
    /// then.
    boolean feed(byte[] bytes) {
        int start = 0;
        if (afterCarriageReturn && bytes.length > 0) {
            afterCarriageReturn = false;
            start = bytes[0] == '\n' ? 1 : 0;
        }
        for (int at = start; at < bytes.length; at++) {
            byte b = bytes[at];
            if (b != '\n' && b != '\r') {
                continue;
            }
            if (!endLine(bytes, start, at)) {
                return false;
            }
            if (b == '\r') {
                // The line is complete without its line feed, which may come much later.
                if (at + 1 == bytes.length) {
                    afterCarriageReturn = true;
                } else if (bytes[at + 1] == '\n') {
                    at++;
                }
            }
            start = at + 1;
        }
        line.append(bytes, start, bytes.length);
        return line.size + data.size <= limit;
    }

    private boolean endLine(byte[] bytes, int from, int to) {
        if (line.size == 0) {
            return line(bytes, from, to);
        }
        line.append(bytes, from, to);
        boolean fits = line(line.bytes, 0, line.size);
        line.size = 0;
        return fits;
    }

    private boolean line(byte[] bytes, int from, int to) {
        if (to - from + data.size > limit) {
            return false;
        }
        if (firstLine) {
            firstLine = false;
            from += startsWith(bytes, from, to, BOM) ? BOM.length : 0;
        }
        if (from == to) {
            dispatch();
        } else if (startsWith(bytes, from, to, DATA)) {
            int value = from + DATA.length;
            if (value == to) {
                addData(bytes, to, to);
            } else if (bytes[value] == ':') {
                value++;
                value += value < to && bytes[value] == ' ' ? 1 : 0;
                addData(bytes, value, to);
            }
        }
        return true;
    }

    private void addData(byte[] bytes, int from, int to) {
        if (dataSeen) {
            data.append(new byte[] {'\n'}, 0, 1);
        }
        dataSeen = true;
        data.append(bytes, from, to);
    }

    private void dispatch() {
        if (dataSeen) {
            int size = data.size;
            dataSeen = false;
            data.size = 0;
            sink.event(data.bytes, 0, size);
        }
    }

    private static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
        return to - from >= prefix.length
                && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    /// Bytes that grow at their end.
    private static final class Bytes {
        private byte[] bytes = new byte[512];
        private int size;

        void append(byte[] from, int start, int end) {
            int length = end - start;
            if (size + length > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(size + length, 2 * bytes.length));
            }
            System.arraycopy(from, start, bytes, size, length);
            size += length;
        }
    }
}
