-- Says what waits for a worker, and which workers there are.
-- KEYS[1] and KEYS[2] the zsets of the runs that wait for a worker, of the interactive and of the
-- batch lane   KEYS[3] the zset of live leases   KEYS[4] the hash of what workers say of themselves
-- KEYS[5] the zset of leases that are being reaped
-- ARGV    how long a run may wait (ms), what the keys of runs' hashes begin with, what the keys of
--         leases' runs begin with
-- Answers {of each lane: how many wait, for how long the oldest has (ms), how many a worker that is
--         gone has left behind; then of each lease: its name, 1 if it has not run out, how long ago
--         its worker was heard (ms, -1 if that is not known), what it said}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local leases = redis.call('ZRANGE', KEYS[3], 0, -1, 'WITHSCORES')
local reports = {}
local said = redis.call('HGETALL', KEYS[4])
for i = 1, #said, 2 do
  reports[said[i]] = said[i + 1]
end
local gone = redis.call('ZRANGE', KEYS[5], 0, -1)
local workers = {}
for i = 1, #leases, 2 do
  local lease = leases[i]
  local lives = tonumber(leases[i + 1]) > now
  local at, report = string.match(reports[lease] or '', '^(%d+) (.*)$')
  reports[lease] = nil
  table.insert(workers, lease)
  table.insert(workers, lives and 1 or 0)
  table.insert(workers, at and now - tonumber(at) or -1)
  table.insert(workers, report or '')
  if not lives then
    table.insert(gone, lease)
  end
end
for lease in pairs(reports) do
  redis.call('HDEL', KEYS[4], lease)
end
-- Those that were given up, and those that were offered again, are among the runs that wait.
local left = {0, 0}
for _, lease in ipairs(gone) do
  local runs = lease == 'abandoned' and {} or redis.call('SMEMBERS', ARGV[3] .. lease)
  for _, id in ipairs(runs) do
    local run = redis.call('HMGET', ARGV[2] .. id, 'state', 'worker', 'cancel', 'lane')
    if run[1] == 'claimed' and run[2] == lease and not run[3] then
      local lane = run[4] == 'BATCH' and 2 or 1
      left[lane] = left[lane] + 1
    end
  end
end
local answer = {}
for lane = 1, 2 do
  -- One that was made known and never published, say: its deadline has passed.
  redis.call('ZREMRANGEBYSCORE', KEYS[lane], '-inf', now - tonumber(ARGV[1]))
  local oldest
  -- A worker from before there was this set does not take out what it claims.
  for _ = 1, 100 do
    oldest = redis.call('ZRANGE', KEYS[lane], 0, 0, 'WITHSCORES')
    local run = oldest[1] and redis.call('HMGET', ARGV[2] .. oldest[1], 'state', 'cancel')
    if not run or run[1] == 'queued' and not run[2] then
      break
    end
    redis.call('ZREM', KEYS[lane], oldest[1])
  end
  table.insert(answer, redis.call('ZCARD', KEYS[lane]))
  table.insert(answer, oldest[2] and math.max(0, now - tonumber(oldest[2])) or 0)
  table.insert(answer, left[lane])
end
for _, figure in ipairs(workers) do
  table.insert(answer, figure)
end
return answer
