-- Claims a run under a lease.
-- KEYS[1] the run's hash   KEYS[2] the zset of leases   KEYS[3] the set of the lease's runs
-- KEYS[4] the zset of the key's runs   KEYS[5] the epoch   KEYS[6] the epoch whose runs are all
-- known   KEYS[7] the zset of the runs of its lane that wait for a worker
-- ARGV    run, attempt floor, claim id, lease, deadline (epoch ms), how long to keep (ms),
--         most crashes, accepted (epoch ms), then names and values of what is known of the run
-- Answers {outcome, attempt, ms left, 1 if the run has certainly no journal}
if not redis.call('ZSCORE', KEYS[2], ARGV[4]) then
  return {'no_lease', 0, 0, 0}
end
local run = redis.call('HMGET', KEYS[1], 'state', 'attempt', 'cancel', 'claim', 'worker', 'crashes')
local attempt = tonumber(run[2] or 0)
local crashes = tonumber(run[6] or 0)
local again = run[1] == 'claimed' and run[4] == ARGV[3] -- the answer to this claim was lost
if run[1] == 'ended' then
  return {'refused', attempt, 0, 0}
end
if run[1] == 'claimed' and not again then
  if redis.call('ZSCORE', KEYS[2], run[5]) then
    return {'refused', attempt, 0, 0}
  end
  crashes = crashes + 1 -- its holder is gone, and the reaper has yet to say so
end
-- Where Redis may have forgotten runs, one that it does not know may have been begun all the same.
local epoch = redis.call('GET', KEYS[5])
local known = epoch and epoch == redis.call('GET', KEYS[6])
if not again or tonumber(ARGV[2]) >= attempt then -- the journal may know of higher ones
  attempt = math.max(attempt, tonumber(ARGV[2])) + 1
end
local first = (attempt == 1 and known) and 1 or 0
redis.call('HSET', KEYS[1], 'state', 'claimed', 'attempt', attempt, 'claim', ARGV[3],
  'worker', ARGV[4], 'crashes', crashes, 'deadline', ARGV[5], 'accepted', ARGV[8],
  unpack(ARGV, 9))
if not run[1] then -- whoever started it could not make it known, and waits for it
  redis.call('HSET', KEYS[1], 'watchers', 1)
end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[7], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[8], ARGV[1])
redis.call('PEXPIRE', KEYS[4], ARGV[6])
if run[3] then
  return {'cancelled', attempt, 0, first}
end
local time = redis.call('TIME')
local left = tonumber(ARGV[5]) - (tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if left <= 0 then
  return {'expired', attempt, 0, first}
end
if crashes >= tonumber(ARGV[7]) then
  return {'poison', attempt, crashes, first}
end
return {'execute', attempt, left, first}
