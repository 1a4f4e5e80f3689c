-- Which seats a party gets: rules 1 to 5 of packages/engine/choose.ts. What that says is decided here the same way, seat for
-- seat; only how seats are found differs, because here they lie by gap.

-- The lowest seat of the set that answers the wish (a mask of words), below `limit`; or nil.
local function lowestOf(set, wished, limit, wordCount)
  local words = set.words
  for word = set.low, math.min(wordCount, wordOf(limit)) do
    local seats = words[word]
    if seats then
      seats = wished and band(seats, wished[word]) or seats
      if seats ~= 0 then
        local seat = (word - 1) * 32 + indexOfBit[band(seats, -seats)]
        return seat < limit and seat or nil
      end
    elseif word == set.low and not wished then
      set.low = word + 1
    end
  end
end

-- The best seat for one passenger, or nil. Does not fall back.
local function chooseOne(stock, from, to, wished)
  local gaps, segments, wordCount = stock.gaps, stock.segments, stock.layout.wordCount
  local best = nil
  for length = to - from, segments do
    for first = math.max(0, to - length), math.min(from, segments - length) do
      local set = gaps[first * 256 + first + length]
      if set then
        best = lowestOf(set, wished, best or stock.layout.seatCount, wordCount) or best
      end
    end
    if best then
      return best
    end
  end
end

-- Parties -----------------------------------------------------------------------------------------------------------------

-- What a choice works with. One choice is over before the next begins.
local scratch = {}

local function joined(words, more)
  local both = {}
  for word, seats in pairs(words) do
    both[word] = seats
  end
  for word, seats in pairs(more) do
    both[word] = bor(both[word] or 0, seats)
  end
  return both
end

-- The shortest gap around the way that any seat has, and the words of those that have it.
local function shortestGap(stock, from, to)
  local shortest, words = nil, nil
  eachSetAround(stock, from, to, function(length, set)
    if shortest and length > shortest then
      return true
    end
    words = shortest and joined(words, set.words) or set.words
    shortest = length
  end)
  return shortest, words
end

-- Seats whose gap around the way is shorter than `limit`, as words; those without any are left out.
local function seatsWithin(limit)
  local words = {}
  eachSetAround(scratch.stock, scratch.from, scratch.to, function(length, set)
    if length >= limit then
      return true
    end
    for word, seats in pairs(set.words) do
      words[word] = bor(words[word] or 0, seats)
    end
  end)
  return words
end

-- Seats with one mask have one gap, and few masks differ.
local function gapOfMask(mask)
  local step = stepOf(mask, scratch.from, scratch.to, scratch.stock.segments)
  local length = step.last - step.first
  scratch.gapOfMask[mask] = length
  return length
end

local function gapOf(seat)
  local mask = scratch.stock.masks[seat]
  return mask and (scratch.gapOfMask[mask] or gapOfMask(mask)) or scratch.stock.segments
end

-- The best open seat of [low, high) in the mask, or nil.
local function bestOpen(low, high, wished)
  local best, bestGap = nil, math.huge
  local firstWord, lastWord = wordOf(low), wordOf(high - 1)
  for word = firstWord, lastWord do
    local seats = band(scratch.open[word] or 0, wished[word])
    if word == firstWord then
      seats = band(seats, lshift(-1, band(low, 31)))
    end
    if word == lastWord then
      seats = band(seats, rshift(-1, 31 - band(high - 1, 31)))
    end
    while seats ~= 0 do
      local lowest = band(seats, -seats)
      local seat = (word - 1) * 32 + indexOfBit[lowest]
      local gap = gapOf(seat)
      if gap < bestGap then
        best, bestGap = seat, gap
        if gap == scratch.least then
          return best, gap
        end
      end
      seats = bxor(seats, lowest)
    end
  end
  return best, bestGap
end

-- A seat for each passenger from [low, high), in order of service, and the sum of their gaps; or nil.
local function pick(low, high, granting)
  local picked, total = {}, 0
  local masks, open = scratch.layout.masks, scratch.open
  for served, passenger in ipairs(scratch.order) do
    local wish = granting and sub(scratch.wishes, passenger, passenger) or "."
    local seat, gap = bestOpen(low, high, masks[wish])
    if not seat then
      break
    end
    picked[served], total = seat, total + gap
    open[wordOf(seat)] = bxor(open[wordOf(seat)], bitOf(seat))
  end
  for _, seat in ipairs(picked) do
    open[wordOf(seat)] = bxor(open[wordOf(seat)], bitOf(seat))
  end
  if #picked == scratch.count then
    return picked, total
  end
end

-- How many of [low, high) are in `words`, counted no further than `enough`.
local function countIn(words, low, high, enough)
  local count = 0
  for first = low, high - 1, 32 do
    local bits = bitsOf(words, first, math.min(32, high - first))
    while bits ~= 0 and count < enough do
      count = count + 1
      bits = band(bits, bits - 1)
    end
  end
  return count
end

-- What is better than this total has a seat with less than its average gap. Mostly such seats are few, and so are the scopes
-- that have to be looked at once a good one is known.
local function seatsBelow(total)
  if scratch.belowOf ~= total then
    scratch.below, scratch.belowOf = seatsWithin(total / scratch.count), total
  end
  return scratch.below
end

-- Among scopes, each from one start to the next: the least sum of gaps, of equals the first. `possible` has a bit where a scope
-- begins that might do, where that is known.
local function bestScope(starts, granting, possible)
  local count, open = scratch.count, scratch.open
  local best, bestTotal = nil, math.huge
  for scope = 1, #starts - 1 do
    local low, high = starts[scope], starts[scope + 1]
    local mayBe = high - low >= count
      and (not possible or band(possible[wordOf(low)], bitOf(low)) ~= 0)
      and (not best or countIn(seatsBelow(bestTotal), low, high, 1) == 1)
      and countIn(open, low, high, count) == count
    local picked, total = nil, nil
    if mayBe then
      picked, total = pick(low, high, granting)
    end
    if picked and total < bestTotal then
      best, bestTotal = picked, total
      if total == scratch.least * count then
        return best
      end
    end
  end
  return best
end

-- Of the blocks of `count` seats that begin in a word, those with all their seats in `words`, and those with any.

local function blocksWithin(words, word, count)
  local seats, following = words[word] or 0, words[word + 1] or 0
  local blocks = seats
  for more = 1, count - 1 do
    blocks = band(blocks, bor(rshift(seats, more), lshift(following, 32 - more)))
  end
  return blocks
end

local function blocksTouching(words, word, count)
  local seats, following = words[word] or 0, words[word + 1] or 0
  local blocks = seats
  for more = 1, count - 1 do
    blocks = bor(blocks, rshift(seats, more), lshift(following, 32 - more))
  end
  return blocks
end

-- Among blocks of `open` seats that begin at one of `starts`: the least sum of gaps, of equals the first.
local function bestBlock(open, starts)
  local masks, lengths, segments = scratch.stock.masks, scratch.gapOfMask, scratch.stock.segments
  local count, least = scratch.count, scratch.least
  local best, bestTotal = nil, math.huge
  for word = 1, scratch.layout.wordCount do
    local blocks = band(starts[word], blocksWithin(open, word, count))
    if blocks ~= 0 and best then
      blocks = band(blocks, blocksTouching(seatsBelow(bestTotal), word, count))
    end
    while blocks ~= 0 do
      local lowest = band(blocks, -blocks)
      local first = (word - 1) * 32 + indexOfBit[lowest]
      local seat, total = first, least * count
      while total < bestTotal and seat < first + count do
        local mask = masks[seat]
        total = total - least + (mask and (lengths[mask] or gapOfMask(mask)) or segments)
        seat = seat + 1
      end
      if total < bestTotal then
        best, bestTotal = first, total
        if total == least * count then
          return best
        end
      end
      blocks = bxor(blocks, lowest)
    end
  end
  return best
end

local function blocksFor(granting)
  return granting and scratch.grants.blocks or scratch.layout.starts[scratch.count]
end

local function block(first)
  if not first then
    return nil
  end
  local seats = {}
  for index = 1, scratch.count do
    seats[index] = first + index - 1
  end
  return seats
end

-- Whether the free seats of the whole class could answer all wishes; where they cannot, no scope can.
local function canGrantAll()
  local used = {}
  for _, passenger in ipairs(scratch.order) do
    local mask = scratch.layout.masks[sub(scratch.wishes, passenger, passenger)]
    local found = false
    for word = 1, scratch.layout.wordCount do
      local seats = band(scratch.open[word] or 0, mask[word], bnot(used[word] or 0))
      if seats ~= 0 then
        used[word] = bor(used[word] or 0, band(seats, -seats))
        found = true
        break
      end
    end
    if not found then
      return false
    end
  end
  return true
end

local scopes = {
  adjacent = function(granting)
    return block(bestBlock(scratch.open, blocksFor(granting)))
  end,
  row = function(granting)
    return bestScope(scratch.layout.rowStart, granting, granting and scratch.grants.rows)
  end,
  coach = function(granting)
    return bestScope(scratch.layout.coachStart, granting)
  end,
  split = function(granting)
    return pick(0, scratch.layout.seatCount, granting)
  end,
}

local tiersWithWishes = {
  { scopes.adjacent, true },
  { scopes.row, true },
  { scopes.adjacent, false },
  { scopes.row, false },
  { scopes.coach, true },
  { scopes.coach, false },
  { scopes.split, true },
  { scopes.split, false },
}
local tiersWithout = { { scopes.adjacent, false }, { scopes.row, false }, { scopes.coach, false }, { scopes.split, false } }

local function pickFrom(tiers)
  for _, tier in ipairs(tiers) do
    local search, granting = tier[1], tier[2]
    local picked = (scratch.grantable or not granting) and search(granting)
    if picked then
      return picked
    end
  end
end

-- Rule 5: who gets which of the picked seats.
local function handOut(picked)
  table.sort(picked)
  local seats, left = {}, picked
  for _, passenger in ipairs(scratch.order) do
    local wish = sub(scratch.wishes, passenger, passenger)
    if wish ~= "." then
      for index, seat in ipairs(left) do
        if band(scratch.layout.masks[wish][wordOf(seat)], bitOf(seat)) ~= 0 then
          seats[passenger] = table.remove(left, index)
          break
        end
      end
    end
  end
  for passenger = 1, scratch.count do
    seats[passenger] = seats[passenger] or table.remove(left, 1)
  end
  return seats
end

-- A seat for each passenger, in the order of `wishes`, one character each. At least as many are free over the way.
local function chooseParty(stock, from, to, wishes)
  local wished = string.find(wishes, "[^.]") ~= nil
  scratch.stock, scratch.layout, scratch.from, scratch.to = stock, stock.layout, from, to
  scratch.wishes, scratch.count, scratch.order, scratch.gapOfMask = wishes, #wishes, orderOfService(wishes, wished), {}
  local shortest, seatsWithShortest = shortestGap(stock, from, to)
  scratch.least, scratch.belowOf = shortest, nil
  scratch.grants = wished and grantsOf(stock.layout, wishes, scratch.order)
  -- Mostly the first tier has a block within the shortest gap, and no other can be better.
  local best = bestBlock(seatsWithShortest, blocksFor(wished))
  if best then
    return handOut(block(best))
  end
  scratch.open = seatsWithin(math.huge)
  scratch.grantable = wished and canGrantAll()
  return handOut(pickFrom(wished and tiersWithWishes or tiersWithout))
end

-- Seats for passengers with these wishes, or nil where fewer are free.
local function chooseSeats(stock, from, to, wishes)
  local count = #wishes
  if countFree(stock, from, to, count) < count then
    return nil
  end
  if count > 1 then
    return chooseParty(stock, from, to, wishes)
  end
  local wished = wishes ~= "." and stock.layout.masks[wishes]
  return { wished and chooseOne(stock, from, to, wished) or chooseOne(stock, from, to, nil) }
end
