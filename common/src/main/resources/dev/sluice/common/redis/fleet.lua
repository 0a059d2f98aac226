-- Says what waits for a worker, and which workers there are.
-- KEYS[1] and KEYS[2] the zsets of the runs that wait for a worker, of the interactive and of the
-- batch lane   KEYS[3] the zset of live leases   KEYS[4] the hash of what workers say of themselves
-- ARGV    how long a run may wait (ms), what the keys of runs' hashes begin with
-- Answers {of each lane: how many wait, for how long the oldest has (ms); then of each lease: its
--         name, 1 if it has not run out, how long ago its worker was heard (ms, -1 if that is not
--         known), what it said}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local answer = {}
for lane = 1, 2 do
  -- One that was made known and never published, say: its deadline has passed.
  redis.call('ZREMRANGEBYSCORE', KEYS[lane], '-inf', now - tonumber(ARGV[1]))
  local oldest
  -- A worker from before there was this set does not take out what it claims.
  for _ = 1, 100 do
    oldest = redis.call('ZRANGE', KEYS[lane], 0, 0, 'WITHSCORES')
    if not oldest[1] or redis.call('HGET', ARGV[2] .. oldest[1], 'state') == 'queued' then
      break
    end
    redis.call('ZREM', KEYS[lane], oldest[1])
  end
  table.insert(answer, redis.call('ZCARD', KEYS[lane]))
  table.insert(answer, oldest[2] and math.max(0, now - tonumber(oldest[2])) or 0)
end
local leases = redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
for i = 1, #leases, 2 do
  local said = redis.call('HGET', KEYS[4], leases[i]) or ''
  local at, report = string.match(said, '^(%d+) (.*)$')
  table.insert(answer, leases[i])
  table.insert(answer, tonumber(leases[i + 1]) > now and 1 or 0)
  table.insert(answer, at and now - tonumber(at) or -1)
  table.insert(answer, report or '')
end
return answer
