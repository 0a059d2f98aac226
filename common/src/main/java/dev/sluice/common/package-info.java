/// What gateway and worker share. The rooms: [dev.sluice.common.run] the vocabulary,
/// [dev.sluice.common.config] the configuration, [dev.sluice.common.kafka] and
/// [dev.sluice.common.redis] the two stores, [dev.sluice.common.monitor] what an operator looks at.
@NullMarked
package dev.sluice.common;

import org.jspecify.annotations.NullMarked;
