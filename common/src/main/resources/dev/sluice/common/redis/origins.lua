-- Notes a further place to which the result of a job's run is to go, or that results go out now.
-- KEYS[1] the run's hash
-- ARGV    the place (empty where results go out), how many further ones there may be
-- Answers {'unknown'} where the run is; {'ended'}, {'noted'}, {'full'}, or {'told'} where results
--         went out already; and {'told', places that were noted...} where they go out now
local run = redis.call('HMGET', KEYS[1], 'state', 'job', 'told')
if not run[1] then
  return {'unknown'}
end
if ARGV[1] ~= '' and run[1] == 'ended' then
  return {'ended'}
end
if ARGV[1] ~= '' and run[3] then
  return {'told'}
end
local noted = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(name, 1, 5) == 'also:' then
    table.insert(noted, string.sub(name, 6))
  end
end
if ARGV[1] == '' then
  redis.call('HSET', KEYS[1], 'told', 1)
  return {'told', unpack(noted)}
end
if run[2] == ARGV[1] or redis.call('HEXISTS', KEYS[1], 'also:' .. ARGV[1]) == 1 then
  return {'noted'}
end
if #noted >= tonumber(ARGV[2]) then
  return {'full'}
end
redis.call('HSET', KEYS[1], 'also:' .. ARGV[1], '')
return {'noted'}
