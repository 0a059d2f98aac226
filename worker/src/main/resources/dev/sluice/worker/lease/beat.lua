-- Renews a lease, or begins one.
-- KEYS[1] the zset of live leases   KEYS[2] the epoch   KEYS[3] the hash of what workers
-- say of themselves
-- ARGV    lease, ttl (ms), the epoch that the worker knows (empty for a lease that begins), a random,
--         what the worker says of itself
-- Answers {1 or 0 if a reaper has taken it, the epoch, its age (ms)}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local epoch = redis.call('GET', KEYS[2])
if not epoch then
  epoch = now .. ':' .. ARGV[4]
  redis.call('SET', KEYS[2], epoch)
end
local age = now - tonumber(string.match(epoch, '^%d+'))
-- Where Redis lost its data nobody can have taken the lease.
if ARGV[3] == epoch and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return {0, epoch, age}
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
redis.call('HSET', KEYS[3], ARGV[1], now .. ' ' .. ARGV[5])
return {1, epoch, age}
