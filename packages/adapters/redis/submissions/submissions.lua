-- Keys of purchases, and orders between log and SQL. What concerns one user lies in one part of the key space.
--
--   key      "order\nhash of the request", and "\nrefusal" once it was refused
--   waiting  an order that is not in SQL yet, as JSON
--   ofUser   ids of a user's orders that are waiting

local function ownerOf(text)
  local order, hash, refusal = string.match(text, "^(%d+)\n([^\n]*)\n?(.*)$")
  return order, hash, refusal
end

-- The key of that order, for so long from now on; unless another order has it.
local function keepKey(key, order, hash, ttlMs)
  local known = redis.call("GET", key)
  if not known or ownerOf(known) == order then
    redis.call("SET", key, known or order .. "\n" .. hash, "PX", ttlMs)
  end
end

-- KEYS: a key each. ARGV: for how many ms, then order and hash of each. Answers for each "new", "other", "same" and the order, or
-- "refused" and the refusal.
local function enter(keys, args)
  local answers = {}
  for index, key in ipairs(keys) do
    local order, hash = args[index * 2], args[index * 2 + 1]
    local known = redis.call("SET", key, order .. "\n" .. hash, "NX", "GET", "PX", args[1])
    if not known then
      answers[index] = "new"
    else
      local knownOrder, knownHash, refusal = ownerOf(known)
      answers[index] = knownHash ~= hash and "other" or refusal ~= "" and "refused " .. refusal or "same " .. knownOrder
    end
  end
  return answers
end

-- KEYS: a key each. ARGV: for how many ms, then the refusal of each.
local function refused(keys, args)
  for index, key in ipairs(keys) do
    local known = redis.call("GET", key)
    if known then
      local order, hash = ownerOf(known)
      redis.call("SET", key, order .. "\n" .. hash .. "\n" .. args[index + 1], "PX", args[1])
    end
  end
  return #keys
end

-- KEYS: key, waiting, ofUser. ARGV: order.
local function withdrawn(keys, args)
  local known = redis.call("GET", keys[1])
  if known and ownerOf(known) == args[1] then
    redis.call("DEL", keys[1])
  end
  redis.call("DEL", keys[2])
  redis.call("SREM", keys[3], args[1])
  return 1
end

-- KEYS: waiting, ofUser of each. ARGV: for how many ms, how long a list of a user is kept, then order and JSON of each.
local function accepted(keys, args)
  for index = 1, #keys / 2 do
    local waiting, ofUser = keys[index * 2 - 1], keys[index * 2]
    local order, json = args[index * 2 + 1], args[index * 2 + 2]
    redis.call("SET", waiting, json, "PX", args[1])
    redis.call("SADD", ofUser, order)
    redis.call("PEXPIRE", ofUser, args[2])
  end
  return 1
end

-- KEYS: key, waiting of each. ARGV: for how many ms to keep the key, and the order; then order and hash of each.
local function logged(keys, args)
  for index = 1, #keys / 2 do
    keepKey(keys[index * 2 - 1], args[index * 2 + 1], args[index * 2 + 2], args[1])
    redis.call("PEXPIRE", keys[index * 2], args[2])
  end
  return 1
end

-- KEYS: key, waiting, ofUser of each. ARGV: for how many ms to keep the key, then order and hash of each.
local function written(keys, args)
  for index = 1, #keys / 3 do
    local order, hash = args[index * 2], args[index * 2 + 1]
    keepKey(keys[index * 3 - 2], order, hash, args[1])
    redis.call("DEL", keys[index * 3 - 1])
    redis.call("SREM", keys[index * 3], order)
  end
  return 1
end

return { enter = enter, refused = refused, withdrawn = withdrawn, accepted = accepted, logged = logged, written = written }
