-- Notes where the offer of a run stands that nobody has claimed yet.
-- KEYS[1] the run's hash
-- ARGV    the offer
-- Answers {1} if it was noted, {0} if the run has one, or is not known
if redis.call('HEXISTS', KEYS[1], 'state') == 0 then
  return {0}
end
return {redis.call('HSETNX', KEYS[1], 'offer', ARGV[1])}
