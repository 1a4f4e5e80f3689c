-- A session is a hash. Beside it, in the same part of the key space, are the sessions of its user by age and those of the part
-- by their end; the three change together.
--
-- KEYS of all: session, sessions of the user, ends of the part.

-- ARGV: id, user, created, last seen, end, user agent.
local function create(keys, args)
  local id, user, createdAt, lastSeenAt, expiresAt, userAgent = unpack(args)
  redis.call("HSET", keys[1], "user", user, "created", createdAt, "seen", lastSeenAt, "ends", expiresAt, "agent", userAgent)
  redis.call("ZADD", keys[2], createdAt, id)
  redis.call("ZADD", keys[3], expiresAt, user .. " " .. id)
  return 1
end

-- ARGV: id, last seen, end, and the time after which it must have been opened. Answers 0 where there is no such session.
local function slide(keys, args)
  local id, lastSeenAt, expiresAt, openedAfter = unpack(args)
  local known = redis.call("HMGET", keys[1], "user", "created")
  local user = known[1]
  if not user or tonumber(known[2]) <= tonumber(openedAfter) then
    return 0
  end
  redis.call("HSET", keys[1], "seen", lastSeenAt, "ends", expiresAt)
  redis.call("ZADD", keys[3], expiresAt, user .. " " .. id)
  return 1
end

-- ARGV: id, user, and the time by which it must have expired, where it must. Answers 0 where this user has no such session.
local function finish(keys, args)
  local id, user, expiredBy = unpack(args)
  local known = redis.call("HMGET", keys[1], "user", "ends")
  if known[1] ~= user or expiredBy and tonumber(known[2]) > tonumber(expiredBy) then
    return 0
  end
  redis.call("DEL", keys[1])
  redis.call("ZREM", keys[2], id)
  redis.call("ZREM", keys[3], user .. " " .. id)
  return 1
end

return { create = create, slide = slide, finish = finish }
