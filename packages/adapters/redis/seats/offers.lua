-- What may be sold of a class: rule 0 of packages/engine/choose.ts. What was set is kept with the run's holds, in fields that
-- offers.ts writes:
--
--   "gate 2"       of class 2: [[stops where ways begin], [stops where they end]] of each group
--   "quotas 2"     the same of each quota, and its limits: [since, seats], seats -1 for any number
--   "withdrawn 2"  seats of class 2 that are sold to nobody: [3,4]
--   "offers"       another text after every change of those
--
-- What a quota counts is not kept, because the holds say it: it is counted when quotas are read, and kept up with every seat that
-- is taken or given back while they are remembered. So it cannot differ from the holds, whatever a node has lost.

local function stopsOf(list)
  local stops = {}
  for _, stop in ipairs(list) do
    stops[stop] = true
  end
  return stops
end

local function groupsOf(text)
  local groups = {}
  for index, group in ipairs(text and cjson.decode(text) or {}) do
    groups[index] = { from = stopsOf(group[1]), to = stopsOf(group[2]), limits = group[3], held = 0 }
  end
  return groups
end

-- What the fields of a class say, or nil where nothing was set. Quotas that are known and did not change stay as they are counted.
local function offerOf(gateText, quotasText, known)
  if not gateText and not quotasText then
    return nil
  end
  local isKnown = known and known.quotasText == quotasText
  return {
    gate = groupsOf(gateText),
    quotas = isKnown and known.quotas or groupsOf(quotasText),
    quotasText = quotasText,
    isCounted = isKnown or not quotasText,
  }
end

local function hasWay(group, from, to)
  return group.from[from] and group.to[to]
end

local function countInQuotas(offer, from, to, seats)
  for _, quota in ipairs(offer.quotas) do
    if hasWay(quota, from, to) then
      quota.held = quota.held + seats
    end
  end
end

local function isGated(offer, from, to)
  for _, group in ipairs(offer.gate) do
    if hasWay(group, from, to) then
      return true
    end
  end
  return false
end

-- How many seats more the quota has at the moment, and when its next limit begins.
local function leftOf(quota, now)
  local seats = 0
  for _, limit in ipairs(quota.limits) do
    if limit[1] > now then
      return seats - quota.held, limit[1]
    end
    seats = limit[2] < 0 and math.huge or limit[2]
  end
  return seats - quota.held, nil
end

local function freeOn(run, class, from, to, enough, freeOf)
  if freeOf then
    return freeOf(class)[gapKey(from, to)] or 0
  end
  return countFree(run.stocks[class], from, to, enough)
end

-- How many seats may be sold over the way through a channel ("p" public, "w" waitlist, "c" change, "r" reseat), the refusal of a party that
-- wants more, when by time alone it may be more, and how many are free. Free seats are counted no further than `enough`, or said by
-- `freeOf`, a `freeTable` by class; where fewer than `party` are free, that is why.
local function sellable(run, class, from, to, channel, now, party, enough, freeOf)
  local parent = run.plan.parentOf[class]
  if parent and freeOn(run, parent, from, to, 1, freeOf) > 0 then
    return 0, "StandingNotYet", nil, 0
  end
  local count, why, changesAt = freeOn(run, class, from, to, enough, freeOf), "SoldOut", nil
  local offer = run.offers[class]
  if count < party or not offer or channel == "r" then
    return count, why, nil, count
  end
  local free = count
  if channel ~= "w" and isGated(offer, from, to) then
    return 0, "WaitlistFirst", nil, free
  end
  for _, quota in ipairs(offer.quotas) do
    if hasWay(quota, from, to) then
      local left, later = leftOf(quota, now)
      if left < count then
        count, why = math.max(0, left), "NotOnSaleBetween"
      end
      if later and (not changesAt or later < changesAt) then
        changesAt = later
      end
    end
  end
  return count, why, changesAt, free
end

-- May a class be sold without asking? So it is with most classes of most trains, and counting free seats takes time.
local function isPlain(run, class)
  return not run.offers[class] and not run.plan.parentOf[class]
end
