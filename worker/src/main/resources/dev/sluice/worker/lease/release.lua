-- Lets go of a reaped run once it was offered again; of the lease itself after the last.
-- KEYS[1] the run's hash   KEYS[2] the set of the lease's runs   KEYS[3] the zset of leases that
--         are being reaped   KEYS[4] and KEYS[5] the zsets of the runs that wait for a worker,
--         of the interactive and of the batch lane, by since when
-- ARGV    run (empty when the reaper has come to its end), lease, the attempt above which the run
--         was offered
-- Answers {how many are left}
if ARGV[1] ~= '' then
  local run = redis.call('HMGET', KEYS[1], 'state', 'worker', 'attempt', 'cancel', 'lane')
  -- One that was claimed and given up again meanwhile has to be offered again.
  if run[1] ~= 'queued' or tonumber(run[3] or 0) <= tonumber(ARGV[3]) then
    redis.call('SREM', KEYS[2], ARGV[1])
  end
  if run[1] == 'claimed' and run[2] == ARGV[2] then
    redis.call('HSET', KEYS[1], 'state', 'queued')
    redis.call('HDEL', KEYS[1], 'claim')
    redis.call('HINCRBY', KEYS[1], 'crashes', 1)
    if not run[4] then
      local time = redis.call('TIME')
      local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
      redis.call('ZADD', run[5] == 'BATCH' and KEYS[5] or KEYS[4], now, ARGV[1])
    end
  end
end
local left = redis.call('SCARD', KEYS[2])
if left == 0 then
  redis.call('ZREM', KEYS[3], ARGV[2])
elseif ARGV[1] == '' then
  redis.call('ZADD', KEYS[3], 0, ARGV[2]) -- what came meanwhile, or failed, is next
end
return {left}
