-- Takes one lease that has run out, or whose reaper has not come to an end, for a while.
-- KEYS[1] the zset of live leases   KEYS[2] the zset of leases that are being reaped
-- KEYS[3] the hash of what workers say of themselves
-- ARGV    how long until another reaper may take it (ms), what the keys of leases' runs begin with,
--         '1' to judge no live lease
-- Answers {} or {lease, run ...}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local lease = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 1)[1]
if not lease and ARGV[3] ~= '1' then
  lease = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1)[1]
  if lease then
    redis.call('ZREM', KEYS[1], lease)
    redis.call('HDEL', KEYS[3], lease)
  end
end
if not lease then
  return {}
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[1]), lease)
local runs = redis.call('SMEMBERS', ARGV[2] .. lease)
table.insert(runs, 1, lease)
return runs
