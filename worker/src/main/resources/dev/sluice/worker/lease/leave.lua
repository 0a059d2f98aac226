-- Ends a lease. Runs that are left under it are given to others at once.
-- KEYS[1] the zset of live leases   KEYS[2] the set of the lease's runs
-- KEYS[3] the zset of leases that are being reaped   KEYS[4] the hash of what workers say of
-- themselves
-- ARGV    lease
-- Answers {how many are left}
local left = redis.call('SCARD', KEYS[2])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
if left > 0 then
  redis.call('ZADD', KEYS[3], 0, ARGV[1])
end
return {left}
