-- The order people look names up in, as hexadecimal digits, which sort alike under every collation: 2栋 before 10栋, 第二网格 before 第十网格.
-- It orders as `reading_order.py` does. Indexes are made of it: whoever changes what it returns builds them anew.
CREATE OR REPLACE FUNCTION points.reading_order(p_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    v_key text := '';
    v_part text;
    v_sign text;
    v_value numeric;
    v_digit int;
BEGIN
    FOR v_part IN SELECT m[1] FROM regexp_matches(p_name, '[0-9]+|[零〇一二两三四五六七八九十百]+|[^0-9零〇一二两三四五六七八九十百]+', 'g') AS m LOOP
        IF v_part ~ '^[0-9]' THEN
            v_value := v_part::numeric;
        ELSIF v_part !~ '^[零〇一二两三四五六七八九十百]' THEN
            -- A text comes after every number, and ends before whatever goes on.
            v_key := v_key || '~' || v_part || chr(1);
            CONTINUE;
        ELSIF v_part !~ '[十百]' THEN
            v_value := translate(v_part, '零〇一二两三四五六七八九', '001223456789')::numeric;
        ELSE
            v_value := 0;
            v_digit := 0;
            FOREACH v_sign IN ARRAY string_to_array(v_part, NULL) LOOP
                IF v_sign IN ('十', '百') THEN
                    -- 十二 is twelve: ten stands there without a one before it.
                    v_value := v_value + greatest(v_digit, 1) * CASE v_sign WHEN '十' THEN 10 ELSE 100 END;
                    v_digit := 0;
                ELSE
                    v_digit := translate(v_sign, '零〇一二两三四五六七八九', '001223456789')::int;
                END IF;
            END LOOP;
            v_value := v_value + v_digit;
        END IF;
        -- A longer number is a larger one; its length stands before its digits.
        v_key := v_key || '!' || lpad(length(v_value::text)::text, 3, '0') || v_value::text;
    END LOOP;
    RETURN encode(convert_to(v_key, 'UTF8'), 'hex');
END $$;
