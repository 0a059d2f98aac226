package dev.sluice.embedded.mcp;

import java.text.Normalizer;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells the time in a city or a time zone.
final class WorldClock {

    /// Large cities that no time zone is named after.
    private static final String CITIES =
            """
            Asia/Shanghai: Beijing, Shenzhen, Guangzhou, Chengdu, Wuhan, Tianjin
            Asia/Tokyo: Osaka, Kyoto, Yokohama, Nagoya, Sapporo
            Asia/Kolkata: Mumbai, Delhi, New Delhi, Bangalore, Bengaluru, Chennai, Hyderabad
            Asia/Ho_Chi_Minh: Hanoi, Saigon
            Asia/Dubai: Abu Dhabi
            Asia/Karachi: Lahore, Islamabad
            Europe/Istanbul: Ankara
            Europe/Berlin: Munich, Hamburg, Frankfurt, Cologne, Stuttgart
            Europe/Paris: Lyon, Marseille
            Europe/Rome: Milan, Naples, Venice, Florence
            Europe/Madrid: Barcelona, Valencia, Seville
            Europe/London: Manchester, Edinburgh, Glasgow
            Europe/Zurich: Geneva, Basel, Bern
            Europe/Moscow: Saint Petersburg
            Europe/Warsaw: Krakow
            Europe/Lisbon: Porto
            America/New_York: Washington, Boston, Miami, Atlanta, Philadelphia, NYC
            America/Chicago: Dallas, Houston, Austin
            America/Los_Angeles: San Francisco, Seattle, San Diego, Las Vegas
            America/Toronto: Montreal, Ottawa
            America/Sao_Paulo: Rio de Janeiro, Brasilia
            Africa/Johannesburg: Cape Town, Pretoria
            Africa/Lagos: Abuja
            Australia/Sydney: Canberra
            Pacific/Auckland: Wellington
            """;

    private static final Pattern MARKS = Pattern.compile("[\\p{M}'’]+");
    private static final Pattern OTHER = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Map<String, ZoneId> ZONES = zones();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern(
                    "HH:mm 'on' EEEE d MMMM uuuu '('VV', UTC'xxx')'", Locale.ENGLISH);

    private final Clock clock;

    WorldClock(Clock clock) {
        this.clock = clock;
    }

    /// The time in `city`, or in `timezone` where that is given.
    String time(@Nullable String city, @Nullable String timezone) throws ToolFailure {
        return TIME.format(ZonedDateTime.now(clock.withZone(zone(city, timezone))));
    }

    private static ZoneId zone(@Nullable String city, @Nullable String timezone)
            throws ToolFailure {
        String place = timezone != null && !timezone.isBlank() ? timezone : city;
        if (place == null || place.isBlank()) {
            throw new ToolFailure("Name a city or an IANA time zone.");
        }
        try {
            return ZoneId.of(place.strip());
        } catch (DateTimeException _) {
            ZoneId zone = ZONES.get(normal(place));
            if (zone == null) {
                // "Paris, France"
                zone = ZONES.get(normal(place.split(",", 2)[0]));
            }
            if (zone == null) {
                throw new ToolFailure(
                        "Unknown city or time zone: " + place + ". Try an IANA time zone id.");
            }
            return zone;
        }
    }

    private static Map<String, ZoneId> zones() {
        Map<String, ZoneId> zones = new HashMap<>();
        ZoneId.getAvailableZoneIds().stream()
                .filter(id -> id.contains("/") && !id.startsWith("Etc/"))
                .sorted(Comparator.comparingInt(String::length).thenComparing(id -> id))
                .forEach(id -> zones.putIfAbsent(lastPart(id), ZoneId.of(id)));
        CITIES.lines()
                .map(line -> line.split(": ", 2))
                .forEach(line -> {
                    for (String city : line[1].split(", ", -1)) {
                        zones.putIfAbsent(normal(city), ZoneId.of(line[0]));
                    }
                });
        return Map.copyOf(zones);
    }

    private static String lastPart(String zoneId) {
        return normal(zoneId.substring(zoneId.lastIndexOf('/') + 1));
    }

    private static String normal(String name) {
        String plain =
                MARKS.matcher(Normalizer.normalize(name, Normalizer.Form.NFD)).replaceAll("");
        return OTHER.matcher(plain).replaceAll(" ").strip().toLowerCase(Locale.ROOT);
    }
}
