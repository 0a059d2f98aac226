-- Admits a request if fewer than the limit were admitted in the last 60 seconds.
-- KEYS[1] a sorted set of admitted requests, by when (ms)
-- ARGV    limit, a name for this request
-- Answers {1 or 0, how many are left, ms until the oldest one no longer counts}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60000)
local used = redis.call('ZCARD', KEYS[1])
local admitted = 0
if used < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('PEXPIRE', KEYS[1], 60000)
  used = used + 1
  admitted = 1
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {admitted, tonumber(ARGV[1]) - used, tonumber(oldest[2]) + 60000 - now}
