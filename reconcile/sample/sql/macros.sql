-- The thirteenth digit of an MPAN is the weighted sum of the twelve before, mod 11, mod 10.
CREATE MACRO with_mpan_check(first_twelve) AS first_twelve * 10 + (
      first_twelve // 100000000000 % 10 * 3 + first_twelve // 10000000000 % 10 * 5
    + first_twelve // 1000000000 % 10 * 7   + first_twelve // 100000000 % 10 * 13
    + first_twelve // 10000000 % 10 * 17    + first_twelve // 1000000 % 10 * 19
    + first_twelve // 100000 % 10 * 23      + first_twelve // 10000 % 10 * 29
    + first_twelve // 1000 % 10 * 31        + first_twelve // 100 % 10 * 37
    + first_twelve // 10 % 10 * 41          + first_twelve % 10 * 43
) % 11 % 10;

-- The last two digits of an MPRN: weights 1, 2, ... from the right, mod 11.
CREATE MACRO with_mprn_check(stem) AS stem * 100 + (
      stem % 10                  + stem // 10 % 10 * 2       + stem // 100 % 10 * 3     + stem // 1000 % 10 * 4
    + stem // 10000 % 10 * 5     + stem // 100000 % 10 * 6   + stem // 1000000 % 10 * 7 + stem // 10000000 % 10 * 8
) % 11;

-- Multiplying by a number without a common factor visits every remainder once: unique, and not in order.
-- An LDZ is no distributor: its MPAN is NULL.
CREATE MACRO mpan_of(distributor, i) AS with_mpan_check(
    TRY_CAST(distributor AS BIGINT) * 10000000000
    + (i * 3141592653 + (hash(getvariable('seed')) % 10000000000)::BIGINT) % 10000000000);
CREATE MACRO mprn_of(i) AS with_mprn_check(
    100000 + (i * 29387653 + (hash(getvariable('seed')) % 10000000000)::BIGINT) % 99900000);

-- EUI-64: the maker's three pairs, then five of the device.
CREATE MACRO device_pairs(hex) AS
    hex[1:2] || '-' || hex[3:4] || '-' || hex[5:6] || '-' || hex[7:8] || '-' || hex[9:10];
CREATE MACRO device_of(i, slot, maker) AS ['02-0A-1D', '02-0B-14', '02-0C-3D', '02-0E-52', '02-0F-77'][maker]
    || '-' || device_pairs(lpad(hex((i * 8 + slot) * 1181783497 % 1099511627776), 10, '0'));

-- A date of a story: its own, or so many days before the old date of the point.
CREATE MACRO told_on(day, back, old) AS coalesce(day, old - back);
