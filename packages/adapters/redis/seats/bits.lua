-- Words of 32 seats, and the bytes that say over which segments one seat is taken. Lua's numbers are doubles and Redis' bit
-- operations answer signed 32-bit integers, so a word is one of those and is only ever compared with 0.

local band, bor, bxor, bnot, lshift, rshift = bit.band, bit.bor, bit.bxor, bit.bnot, bit.lshift, bit.rshift
local byte, char, rep, sub = string.byte, string.char, string.rep, string.sub

-- Which bit it is, by its value: the highest one of a word is negative.
local indexOfBit = {}
for index = 0, 31 do
  indexOfBit[lshift(1, index)] = index
end

-- Words are counted from 1, seats from 0.
local function wordOf(seat)
  return rshift(seat, 5) + 1
end

local function bitOf(seat)
  return lshift(1, band(seat, 31))
end

-- `length` bits (1 to 32) from bit `first` on.
local function bitsOf(words, first, length)
  local word, shift = wordOf(first), band(first, 31)
  local bits = rshift(words[word] or 0, shift)
  if shift + length > 32 then
    bits = bor(bits, lshift(words[word + 1] or 0, 32 - shift))
  end
  return length == 32 and bits or band(bits, lshift(1, length) - 1)
end

local function hasFewerBitsThan(count, bits)
  for _ = 1, count do
    if bits == 0 then
      return true
    end
    bits = band(bits, bits - 1)
  end
  return false
end

-- A mask says over which segments a seat is taken, a bit a segment, lowest first: any number of segments, 8 to a byte. A seat
-- that is free all the way has no mask.

local function isTaken(mask, segment)
  return band(byte(mask, rshift(segment, 3) + 1), lshift(1, band(segment, 7))) ~= 0
end

local function isTakenOverAny(mask, from, to)
  for segment = from, to - 1 do
    if isTaken(mask, segment) then
      return true
    end
  end
  return false
end

-- The part of [from, to) that lies in a byte of a mask.
local function bitsInByte(index, from, to)
  local low, high = from - index * 8, to - index * 8
  if low < 0 then
    low = 0
  end
  if high > 8 then
    high = 8
  end
  return low < high and lshift(1, high) - lshift(1, low) or 0
end

local function withTaken(mask, from, to)
  local first, last = rshift(from, 3), rshift(to - 1, 3)
  for index = first, last do
    local bits = bor(byte(mask, index + 1), bitsInByte(index, from, to))
    mask = sub(mask, 1, index) .. char(bits) .. sub(mask, index + 2)
  end
  return mask
end

local function withGivenBack(mask, from, to)
  local first, last = rshift(from, 3), rshift(to - 1, 3)
  for index = first, last do
    local bits = band(byte(mask, index + 1), bnot(bitsInByte(index, from, to)))
    mask = sub(mask, 1, index) .. char(bits) .. sub(mask, index + 2)
  end
  return mask
end

-- Where the free stretch that ends at `from` begins.
local function gapStart(mask, from)
  while from > 0 and not isTaken(mask, from - 1) do
    from = from - 1
  end
  return from
end

-- Where the free stretch that begins at `to` ends.
local function gapEnd(mask, to, segments)
  while to < segments and not isTaken(mask, to) do
    to = to + 1
  end
  return to
end
