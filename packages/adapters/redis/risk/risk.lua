-- What is counted of those who buy. Keys of one account, one address, one document or one challenge lie on one node.
--
--   account    hash: slot, current, previous (acts of this minute and of the one before), acted
--   window     hash: slot, current, previous, of an address or a network
--   documents, failures, unpaid, owners   zset of members by the time at which they were noted last
--   shared     hash: "accounts time" by document, of an account
--   challenge  hash: tries, solved and wrong (by which command last), spent (by whom)

local minuteMs = 60 * 1000
local dayMs = 24 * 60 * minuteMs
local failuresMs = 10 * minuteMs
local membersMax = 64

local function text(value)
  return string.format("%.0f", value)
end

-- One act more; answers how many there were within a minute, by what the port calls a sliding count.
local function counted(key, at)
  local kept = redis.call("HMGET", key, "slot", "current", "previous")
  local slot = math.floor(at / minuteMs)
  local known, current, previous = tonumber(kept[1] or "-1"), tonumber(kept[2] or "0"), tonumber(kept[3] or "0")
  if slot > known then
    previous = slot == known + 1 and current or 0
    current = 0
    known = slot
  end
  current = current + 1
  redis.call("HSET", key, "slot", text(known), "current", text(current), "previous", text(previous))
  redis.call("PEXPIRE", key, 3 * minuteMs)
  return current + math.floor(previous * (1 - (at % minuteMs) / minuteMs))
end

local function sizeOf(key, at, windowMs)
  redis.call("ZREMRANGEBYSCORE", key, "-inf", text(at - windowMs))
  return redis.call("ZCARD", key)
end

local function note(key, member, at, windowMs)
  redis.call("ZADD", key, "GT", text(at), member)
  redis.call("ZREMRANGEBYSCORE", key, "-inf", text(at - windowMs))
  redis.call("ZREMRANGEBYRANK", key, 0, -(membersMax + 1))
  redis.call("PEXPIRE", key, windowMs)
end

local function mostOf(key, since)
  local most = 0
  for _, value in ipairs(redis.call("HVALS", key)) do
    local accounts, at = string.match(value, "^(%d+) (%d+)$")
    if tonumber(at) > since then
      most = math.max(most, tonumber(accounts))
    end
  end
  return most
end

-- KEYS: account, documents, failures, shared, unpaid, of each. ARGV: at, of each. Answers six numbers of each; spacing -1 where there is none.
local function act(keys, args)
  local answers = {}
  for n, arg in ipairs(args) do
    local at, first = tonumber(arg), 5 * (n - 1)
    local account = keys[first + 1]
    local acted = redis.call("HGET", account, "acted")
    local count = counted(account, at)
    local before = acted and tonumber(acted)
    redis.call("HSET", account, "acted", text(math.max(before or at, at)))
    local spacing = -1
    if before and at - before < 2 * minuteMs then
      spacing = math.max(0, at - before)
    end
    table.insert(answers, count)
    table.insert(answers, spacing)
    table.insert(answers, sizeOf(keys[first + 2], at, dayMs))
    table.insert(answers, mostOf(keys[first + 4], at - dayMs))
    table.insert(answers, sizeOf(keys[first + 3], at, failuresMs))
    table.insert(answers, sizeOf(keys[first + 5], at, dayMs))
  end
  return answers
end

-- KEYS: windows. ARGV: at, of each.
local function count(keys, args)
  local answers = {}
  for n, key in ipairs(keys) do
    answers[n] = counted(key, tonumber(args[n]))
  end
  return answers
end

-- KEYS: account or window. ARGV: at. What is older than both of its minutes counts no more anyway.
local function uncount(keys, args)
  local kept = redis.call("HMGET", keys[1], "slot", "current", "previous")
  local slot, known = math.floor(tonumber(args[1]) / minuteMs), tonumber(kept[1] or "-1")
  local field = slot == known and "current" or slot == known - 1 and "previous"
  if field and tonumber(kept[field == "current" and 2 or 3] or "0") > 0 then
    redis.call("HINCRBY", keys[1], field, -1)
  end
  return 1
end

-- KEYS: failures. ARGV: order, at.
local function failed(keys, args)
  note(keys[1], args[1], tonumber(args[2]), failuresMs)
  return 1
end

-- KEYS: unpaid. ARGV: order, at.
local function ended(keys, args)
  note(keys[1], args[1], tonumber(args[2]), dayMs)
  return 1
end

-- KEYS: owners of a document. ARGV: account, at. Answers how many it has.
local function own(keys, args)
  note(keys[1], args[1], tonumber(args[2]), dayMs)
  return redis.call("ZCARD", keys[1])
end

-- KEYS: documents, shared. ARGV: at, then document and accounts, of each.
local function share(keys, args)
  local at = tonumber(args[1])
  for n = 2, #args, 2 do
    note(keys[1], args[n], at, dayMs)
    redis.call("HSET", keys[2], args[n], args[n + 1] .. " " .. text(at))
  end
  redis.call("PEXPIRE", keys[2], dayMs)
  -- What is not among the documents that are counted is not kept either.
  if redis.call("HLEN", keys[2]) > membersMax then
    for _, document in ipairs(redis.call("HKEYS", keys[2])) do
      if not redis.call("ZSCORE", keys[1], document) then
        redis.call("HDEL", keys[2], document)
      end
    end
  end
  return 1
end

-- KEYS: challenge. ARGV: 1 for a right answer, tries, ms it is kept, token of the command. The same command again hears the same.
local function attempt(keys, args)
  local kept = redis.call("HMGET", keys[1], "tries", "solved", "wrong")
  if kept[2] == args[4] then
    return "solved"
  end
  if kept[3] == args[4] then
    return "wrong"
  end
  if kept[2] or tonumber(kept[1] or "0") >= tonumber(args[2]) then
    return "over"
  end
  local isRight = args[1] == "1"
  if not isRight then
    redis.call("HINCRBY", keys[1], "tries", 1)
  end
  redis.call("HSET", keys[1], isRight and "solved" or "wrong", args[4])
  redis.call("PEXPIRE", keys[1], args[3])
  return isRight and "solved" or "wrong"
end

-- KEYS: challenge. ARGV: who spends it, ms it is kept. Answers 1 to whoever was first, however often he asks.
local function spend(keys, args)
  redis.call("HSETNX", keys[1], "spent", args[1])
  redis.call("PEXPIRE", keys[1], args[2], "NX")
  redis.call("PEXPIRE", keys[1], args[2], "GT")
  return redis.call("HGET", keys[1], "spent") == args[1] and 1 or 0
end

return {
  act = act,
  count = count,
  uncount = uncount,
  failed = failed,
  ended = ended,
  own = own,
  share = share,
  attempt = attempt,
  spend = spend,
}
